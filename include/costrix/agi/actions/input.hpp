// SPDX-License-Identifier: MIT
// Actions that wait for the caller's keys: GetData, WaitForDigit.
#pragma once

#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace costrix::agi {

/// Plays a prompt and collects digits (GET DATA).
///
/// `#` ends the input and is not part of it. Digits are a string: leading zeros, `*` and nothing
/// at all are what the caller may press. Cancellation stops it in Asterisk at once.
/// Throws: AGIAppError when there is no such file.
class GetData {
public:
    static constexpr std::string_view command = "GET DATA";
    /// Asterisk's buffer for the digits (res_agi.c); more would overrun it.
    static constexpr int kMostDigits = 1023;

    struct Result {
        std::string digits;      ///< What was pressed, without the `#`.
        bool timed_out = false;  ///< It ended because no further key came.
    };

    /// The prompt: see StreamFile; an empty one plays nothing.
    explicit GetData(std::string file) : file_(std::move(file)) {}
    /// How long to wait for each key once the prompt is over; at least 1 ms. By default 6 s for
    /// the first and 2 s for the others, as Asterisk has it.
    GetData& timeout(std::chrono::milliseconds time) noexcept {
        timeout_ = time;
        return *this;
    }
    /// How many digits to collect at most, 1 to 1,023.
    GetData& max_digits(int count) noexcept {
        max_digits_ = count;
        return *this;
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string file_;
    std::optional<std::chrono::milliseconds> timeout_;
    int max_digits_ = kMostDigits;
};

/// Waits for one key (WAIT FOR DIGIT).
///
/// The result is the key, or nothing when the time was over. Cancellation stops it in Asterisk at
/// once; a key pressed after that is lost.
class WaitForDigit {
public:
    static constexpr std::string_view command = "WAIT FOR DIGIT";

    /// Waits for ever.
    WaitForDigit() noexcept {}
    /// Waits for so long, 0 or more.
    explicit WaitForDigit(std::chrono::milliseconds timeout) noexcept : timeout_(timeout) {}
    void encode(CommandLine& line) const;
    static std::optional<char> parse(const Reply& reply);

private:
    std::optional<std::chrono::milliseconds> timeout_;
};

}  // namespace costrix::agi
