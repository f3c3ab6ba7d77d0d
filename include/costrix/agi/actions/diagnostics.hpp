// SPDX-License-Identifier: MIT
// Actions for whoever watches Asterisk: Noop, Verbose.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <string>
#include <string_view>

namespace costrix::agi {

/// Does nothing; its text shows in Asterisk's AGI debug output (NOOP).
class Noop {
public:
    static constexpr std::string_view command = "NOOP";

    Noop() noexcept {}
    explicit Noop(std::string text) : text_(std::move(text)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply&) {}

private:
    std::string text_;
};

/// Writes a message to Asterisk's console and log (VERBOSE).
class Verbose {
public:
    static constexpr std::string_view command = "VERBOSE";

    /// `level` is Asterisk's verbosity, 1 to 4, at which the message shows.
    explicit Verbose(std::string message, int level = 1)
        : message_(std::move(message)), level_(level) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply&) {}

private:
    std::string message_;
    int level_;
};

}  // namespace costrix::agi
