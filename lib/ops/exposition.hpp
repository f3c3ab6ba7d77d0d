// SPDX-License-Identifier: MIT
// Writes metrics as text: Prometheus' format 0.0.4, or OpenMetrics 1.0.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::ops::detail {

enum class TextFormat : std::uint8_t { prometheus, open_metrics };

/// The Content-Type of a format.
std::string_view content_type(TextFormat format) noexcept;

struct Label {
    std::string_view name;
    std::string_view value;  ///< Any bytes: what is not printable UTF-8 is written as `\xNN`.
};

/// Writes one family after another: its head, then its samples.
class Exposition {
public:
    explicit Exposition(TextFormat format) : format_(format) {}

    /// Heads of families. A counter's name is without `_total`, a histogram's without `_bucket`; a
    /// name that ends in "_seconds" has this unit. `help` is one line.
    void gauge(std::string_view name, std::string_view help) { head(name, help, "gauge"); }
    void counter(std::string_view name, std::string_view help) { head(name, help, "counter"); }
    void histogram(std::string_view name, std::string_view help) { head(name, help, "histogram"); }

    void sample(double value, std::span<const Label> labels = {});
    void sample(std::uint64_t value, std::span<const Label> labels = {});
    /// `counts`: of each bucket alone, the last one without a bound. `bounds`: in seconds.
    void sample(
        std::span<const double> bounds,
        std::span<const std::uint64_t> counts,
        double sum,
        Label label
    );
    /// The whole page.
    std::string finish() &&;

private:
    void head(std::string_view name, std::string_view help, std::string_view type);
    void begin(std::string_view suffix, std::span<const Label> labels);

    TextFormat format_;
    std::string text_;
    std::string name_;    // of the family
    std::string suffix_;  // of its samples
};

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
