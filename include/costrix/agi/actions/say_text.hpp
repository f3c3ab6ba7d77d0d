// SPDX-License-Identifier: MIT
// Actions that spell texts and speak times: SayAlpha, SayPhonetic, SayDate, SayTime, SayDatetime.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace costrix::agi {

/// Spells a text, character by character (SAY ALPHA).
///
/// The result is the escape digit that ended it, or nothing when it was spoken to the end.
/// Throws: AGIAppError when a sound file is missing.
class SayAlpha {
public:
    static constexpr std::string_view command = "SAY ALPHA";

    explicit SayAlpha(std::string text) : text_(std::move(text)) {}
    /// The keys that end it, of 0-9, *, #, A-D; none by default.
    SayAlpha& escape_digits(std::string keys) {
        escape_digits_ = std::move(keys);
        return *this;
    }
    /// Which letters are said to be lower or upper case: 'a' all, 'l' lower, 'u' upper, 'n' none.
    SayAlpha& letter_case(char which) noexcept {
        case_ = which;
        return *this;
    }
    void encode(CommandLine& line) const;
    static std::optional<char> parse(const Reply& reply);

private:
    std::string text_;
    char case_ = '\0';
    std::string escape_digits_;
};

/// Spells a text in the phonetic alphabet (SAY PHONETIC).
///
/// The result is the escape digit that ended it, or nothing when it was spoken to the end.
/// Throws: AGIAppError when a sound file is missing.
class SayPhonetic {
public:
    static constexpr std::string_view command = "SAY PHONETIC";

    explicit SayPhonetic(std::string text) : text_(std::move(text)) {}
    /// The keys that end it, of 0-9, *, #, A-D; none by default.
    SayPhonetic& escape_digits(std::string keys) {
        escape_digits_ = std::move(keys);
        return *this;
    }
    void encode(CommandLine& line) const;
    static std::optional<char> parse(const Reply& reply);

private:
    std::string text_;
    std::string escape_digits_;
};

/// Speaks a date (SAY DATE).
///
/// The result is the escape digit that ended it, or nothing when it was spoken to the end.
/// Throws: AGIAppError when a sound file is missing.
class SayDate {
public:
    static constexpr std::string_view command = "SAY DATE";

    /// Now, when it is encoded.
    SayDate() noexcept {}
    explicit SayDate(std::chrono::system_clock::time_point time) noexcept : time_(time) {}
    /// The keys that end it, of 0-9, *, #, A-D; none by default.
    SayDate& escape_digits(std::string keys) {
        escape_digits_ = std::move(keys);
        return *this;
    }
    void encode(CommandLine& line) const;
    static std::optional<char> parse(const Reply& reply);

private:
    std::optional<std::chrono::system_clock::time_point> time_;
    std::string escape_digits_;
};

/// Speaks the time of day (SAY TIME).
///
/// The result is the escape digit that ended it, or nothing when it was spoken to the end.
/// Throws: AGIAppError when a sound file is missing.
class SayTime {
public:
    static constexpr std::string_view command = "SAY TIME";

    /// Now, when it is encoded.
    SayTime() noexcept {}
    explicit SayTime(std::chrono::system_clock::time_point time) noexcept : time_(time) {}
    /// The keys that end it, of 0-9, *, #, A-D; none by default.
    SayTime& escape_digits(std::string keys) {
        escape_digits_ = std::move(keys);
        return *this;
    }
    void encode(CommandLine& line) const;
    static std::optional<char> parse(const Reply& reply);

private:
    std::optional<std::chrono::system_clock::time_point> time_;
    std::string escape_digits_;
};

/// Speaks a date and a time in a format (SAY DATETIME).
///
/// The result is the escape digit that ended it, or nothing when it was spoken to the end.
/// Throws: AGIAppError when a sound file is missing.
class SayDatetime {
public:
    static constexpr std::string_view command = "SAY DATETIME";

    /// Now, when it is encoded.
    SayDatetime() noexcept {}
    explicit SayDatetime(std::chrono::system_clock::time_point time) noexcept : time_(time) {}
    /// The keys that end it, of 0-9, *, #, A-D; none by default.
    SayDatetime& escape_digits(std::string keys) {
        escape_digits_ = std::move(keys);
        return *this;
    }
    /// The format of voicemail.conf, such as "ABdY 'digits/at' IMp", which is Asterisk's default.
    SayDatetime& format(std::string text) {
        format_ = std::move(text);
        return *this;
    }
    /// A time zone of the system, such as "Europe/Berlin". Needs a format.
    SayDatetime& time_zone(std::string name) {
        zone_ = std::move(name);
        return *this;
    }
    void encode(CommandLine& line) const;
    static std::optional<char> parse(const Reply& reply);

private:
    std::optional<std::chrono::system_clock::time_point> time_;
    std::string format_;
    std::string zone_;
    std::string escape_digits_;
};

}  // namespace costrix::agi
