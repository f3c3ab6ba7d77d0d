// SPDX-License-Identifier: MIT
// Actions that write to Asterisk's console: Noop, Verbose.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/shared.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

/// Does nothing; its text shows in Asterisk's AGI debug output (NOOP).
class Noop {
public:
    static constexpr std::string_view command = "NOOP";

    Noop() noexcept {}
    /// With a text, which Asterisk's console shows in its verbose output.
    explicit Noop(std::string text) : text_(std::move(text)) {}
    void encode(CommandLine& line) const { line.optional_argument(text_, "text"); }
    static void parse(const Reply&) {}

private:
    std::string text_;
};

/// Writes a message to Asterisk's console and log (VERBOSE).
class Verbose {
public:
    static constexpr std::string_view command = "VERBOSE";

    /// The message shows when Asterisk's verbosity is at least `level`, 1 to 4.
    explicit Verbose(std::string message, int level = 1)
        : message_(std::move(message)), level_(level) {}
    void encode(CommandLine& line) const {
        detail::encode_in_range(line.argument(message_, "message"), level_, "level", 1, 4);
    }
    static void parse(const Reply&) {}

private:
    std::string message_;
    int level_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
