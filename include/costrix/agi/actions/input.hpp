// SPDX-License-Identifier: MIT
// Actions that wait for the caller's keys: GetData, WaitForDigit, GetOption.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <chrono>
#include <cstdint>
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

/// Plays a prompt and waits for one key (GET OPTION).
///
/// A key outside of the set during the prompt is ignored; after the prompt it ends the wait.
/// Cancellation stops it in Asterisk at once.
/// Throws: AGIAppError when there is no such file.
class GetOption {
public:
    static constexpr std::string_view command = "GET OPTION";

    struct Result {
        std::optional<char> key;  ///< Nothing when none of the set was pressed in time.
        std::int64_t endpos = 0;  ///< Where the prompt ended, in samples.
    };

    /// The prompt, and the keys that are waited for, of 0-9, *, #, A-D.
    GetOption(std::string file, std::string escape_digits)
        : file_(std::move(file)), escape_digits_(std::move(escape_digits)) {}
    /// How long to wait once the prompt is over, 1 ms or more; 5 s by default.
    GetOption& timeout(std::chrono::milliseconds time) noexcept {
        timeout_ = time;
        return *this;
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string file_;
    std::string escape_digits_;
    // Always sent: without one Asterisk looks into the channel's PBX, which may not be there.
    std::chrono::milliseconds timeout_ = std::chrono::seconds(5);
};

}  // namespace costrix::agi
