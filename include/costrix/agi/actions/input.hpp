// SPDX-License-Identifier: MIT
// Actions that wait for the caller's keys: GetData, WaitForDigit, GetOption.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/shared.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

/// Plays a prompt and collects digits (GET DATA).
///
/// `#` ends the input and is not part of it. The digits are text: they may have leading zeros or
/// `*`, or be empty.
/// Throws: AGIAppError when there is no such file.
/// Cancellation: stops it in Asterisk at once.
class GetData {
public:
    static constexpr std::string_view command = "GET DATA";
    /// The maximum number of digits: more would overrun Asterisk's buffer (res_agi.c).
    static constexpr int kMaxDigits = 1023;

    /// What the caller pressed, and how it ended.
    struct Result {
        std::string digits;      ///< The keys pressed, without the `#`.
        bool timed_out = false;  ///< True when it ended because no further key was pressed.
    };

    /// A sound file as for StreamFile; with an empty name, nothing is played.
    explicit GetData(std::string file) : file_(std::move(file)) {}
    /// The time to wait for each key after the prompt, at least 1 ms. By default, Asterisk waits 6
    /// s for the first key and 2 s for each further one.
    GetData& timeout(std::chrono::milliseconds time) noexcept {
        timeout_ = time;
        return *this;
    }
    /// The number of digits that ends the input, 1 to 1,023 (the default).
    GetData& max_digits(int count) noexcept {
        max_digits_ = count;
        return *this;
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string file_;
    std::optional<std::chrono::milliseconds> timeout_;
    int max_digits_ = kMaxDigits;
};

/// Waits for one key (WAIT FOR DIGIT).
///
/// Returns the key, or `nullopt` after the timeout.
/// Cancellation: stops it in Asterisk at once; a key pressed later is lost.
class WaitForDigit {
public:
    static constexpr std::string_view command = "WAIT FOR DIGIT";

    /// Without a timeout.
    WaitForDigit() noexcept {}
    /// With a timeout of 0 ms or more.
    explicit WaitForDigit(std::chrono::milliseconds timeout) noexcept : timeout_(timeout) {}
    void encode(CommandLine& line) const { detail::encode_timeout(line, timeout_, 0); }
    static std::optional<char> parse(const Reply& reply) {
        return detail::key_or_failure(reply, "the wait failed");
    }

private:
    std::optional<std::chrono::milliseconds> timeout_;
};

/// Plays a prompt and waits for one of several keys (GET OPTION).
///
/// During the prompt, other keys are ignored; after it, any key ends the wait.
/// Throws: AGIAppError when there is no such file.
/// Cancellation: stops it in Asterisk at once.
class GetOption {
public:
    static constexpr std::string_view command = "GET OPTION";

    /// The key, and where the prompt stopped.
    struct Result {
        std::optional<char> key;  ///< The key pressed; `nullopt` after the timeout.
        Samples endpos;           ///< Where the prompt ended.
    };

    /// A sound file as for StreamFile, and the keys to wait for, of 0-9, *, #, A-D.
    GetOption(std::string file, std::string escape_digits)
        : file_(std::move(file)), escape_digits_(std::move(escape_digits)) {}
    /// The time to wait after the prompt, at least 1 ms; 5 s by default.
    GetOption& timeout(std::chrono::milliseconds time) noexcept {
        timeout_ = time;
        return *this;
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string file_;
    std::string escape_digits_;
    // Always sent: otherwise Asterisk asks the channel's PBX, which may not exist.
    std::chrono::milliseconds timeout_ = std::chrono::seconds(5);
};

}  // namespace costrix::inline COSTRIX_ABI::agi
