// SPDX-License-Identifier: MIT
// The lines of both text formats, which differ in the heads of counters, units and the end.
#include "ops/exposition.hpp"

#include <costrix/agi/protocol/printable.hpp>

#include <array>
#include <charconv>

namespace costrix::inline COSTRIX_ABI::ops::detail {
namespace {

void append_number(std::string& text, std::uint64_t number) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    text.append(digits.data(), end);
}

void append_number(std::string& text, double number) {
    std::array<char, 340> digits;  // the longest double without an exponent
    const auto end =
        std::to_chars(
            digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed
        )
            .ptr;
    text.append(digits.data(), end);
}

/// In OpenMetrics, a bound is written as a floating-point number.
void append_bound(std::string& text, double bound) {
    const auto before = text.size();
    append_number(text, bound);
    if (text.find('.', before) == std::string::npos)
        text += ".0";
}

void append_label(std::string& text, Label label) {
    text.append(label.name).append("=\"");
    for (const char c : agi::printable(label.value)) {
        if (c == '"' || c == '\\')
            text += '\\';
        text += c;
    }
    text += '"';
}

}  // namespace

std::string_view content_type(TextFormat format) noexcept {
    return format == TextFormat::open_metrics
               ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
               : "text/plain; version=0.0.4; charset=utf-8";
}

void Exposition::head(std::string_view name, std::string_view help, std::string_view type) {
    const bool total = type == "counter";
    name_ = name;
    suffix_ = total ? "_total" : "";
    // Prometheus' older format has the counter's whole name here.
    const auto family = total && format_ == TextFormat::prometheus ? name_ + suffix_ : name_;
    text_.append("# HELP ").append(family).append(" ").append(help).append("\n");
    text_.append("# TYPE ").append(family).append(" ").append(type).append("\n");
    if (format_ == TextFormat::open_metrics && name.ends_with("_seconds"))
        text_.append("# UNIT ").append(family).append(" seconds\n");
}

void Exposition::begin(std::string_view suffix, std::span<const Label> labels) {
    text_.append(name_).append(suffix);
    char separator = '{';
    for (const auto& label : labels) {
        text_ += separator;
        append_label(text_, label);
        separator = ',';
    }
    text_ += labels.empty() ? " " : "} ";
}

void Exposition::sample(double value, std::span<const Label> labels) {
    begin(suffix_, labels);
    append_number(text_, value);
    text_ += '\n';
}

void Exposition::sample(std::uint64_t value, std::span<const Label> labels) {
    begin(suffix_, labels);
    append_number(text_, value);
    text_ += '\n';
}

void Exposition::sample(
    std::span<const double> bounds,
    std::span<const std::uint64_t> counts,
    double sum,
    Label label
) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        std::string bound = "+Inf";
        if (i < bounds.size()) {
            bound.clear();
            append_bound(bound, bounds[i]);
        }
        total += counts[i];
        const Label labels[]{label, {"le", bound}};
        begin("_bucket", labels);
        append_number(text_, total);
        text_ += '\n';
    }
    begin("_sum", std::span(&label, 1));
    append_number(text_, sum);
    text_ += '\n';
    begin("_count", std::span(&label, 1));
    append_number(text_, total);
    text_ += '\n';
}

std::string Exposition::finish() && {
    if (format_ == TextFormat::open_metrics)
        text_ += "# EOF\n";
    return std::move(text_);
}

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
