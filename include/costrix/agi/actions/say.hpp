// SPDX-License-Identifier: MIT
// Actions that speak in the channel's language: digits, numbers, spelled text, dates and times.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/shared.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

namespace detail {

/// What all SAY commands share.
template <class A>
class SayAction : public WithEscapeDigits<A> {
public:
    /// The escape digit that stopped it; `nullopt` when it spoke to the end.
    static std::optional<char> parse(const Reply& reply) {
        return key_or_failure(reply, "cannot be spoken: a sound file is missing");
    }

protected:
    /// Without a value, the current time when the command is encoded.
    using Time = std::optional<std::chrono::system_clock::time_point>;

    void encode_escape_digits(CommandLine& line) const {
        line.keys(this->escape_digits_, "escape_digits");
    }
};

}  // namespace detail

/// Speaks digits one by one (SAY DIGITS).
///
/// Returns the escape digit that stopped it, or `nullopt`.
/// Throws: AGIAppError when a sound file is missing.
class SayDigits : public detail::SayAction<SayDigits> {
public:
    static constexpr std::string_view command = "SAY DIGITS";

    /// Digits 0-9 after an optional `-`. Leading zeros are spoken.
    explicit SayDigits(std::string digits) : digits_(std::move(digits)) {}
    void encode(CommandLine& line) const;

private:
    std::string digits_;
};

/// Speaks a number (SAY NUMBER).
///
/// Returns the escape digit that stopped it, or `nullopt`.
/// Throws: AGIAppError when a sound file is missing.
class SayNumber : public detail::SayAction<SayNumber> {
public:
    static constexpr std::string_view command = "SAY NUMBER";

    /// Asterisk reads it as a C `int`.
    explicit SayNumber(std::int32_t number) noexcept : number_(number) {}
    /// The grammatical gender, in languages that have it: 'f', 'm', 'n' or 'c' (say.c).
    SayNumber& gender(char letter) noexcept {
        gender_ = letter;
        return *this;
    }
    void encode(CommandLine& line) const;

private:
    std::int32_t number_;
    char gender_ = '\0';
};

/// Spells a text, character by character (SAY ALPHA).
///
/// Returns the escape digit that stopped it, or `nullopt`.
/// Throws: AGIAppError when a sound file is missing.
class SayAlpha : public detail::SayAction<SayAlpha> {
public:
    static constexpr std::string_view command = "SAY ALPHA";

    /// Spells `text`, character by character.
    explicit SayAlpha(std::string text) : text_(std::move(text)) {}
    /// Which letters are announced as upper or lower case: 'a' all, 'l' lower, 'u' upper, 'n' none.
    SayAlpha& letter_case(char which) noexcept {
        case_ = which;
        return *this;
    }
    void encode(CommandLine& line) const;

private:
    std::string text_;
    char case_ = '\0';
};

/// Spells a text in the phonetic alphabet (SAY PHONETIC).
///
/// Returns the escape digit that stopped it, or `nullopt`.
/// Throws: AGIAppError when a sound file is missing.
class SayPhonetic : public detail::SayAction<SayPhonetic> {
public:
    static constexpr std::string_view command = "SAY PHONETIC";

    /// Spells `text` by the phonetic alphabet: Alpha, Bravo, ….
    explicit SayPhonetic(std::string text) : text_(std::move(text)) {}
    void encode(CommandLine& line) const { encode_escape_digits(line.argument(text_, "text")); }

private:
    std::string text_;
};

/// Speaks a date (SAY DATE).
///
/// Returns the escape digit that stopped it, or `nullopt`.
/// Throws: AGIAppError when a sound file is missing.
class SayDate : public detail::SayAction<SayDate> {
public:
    static constexpr std::string_view command = "SAY DATE";

    /// The current date.
    SayDate() noexcept {}
    /// The date at `time`, which Asterisk reads as a C `int`: until January 2038.
    explicit SayDate(std::chrono::system_clock::time_point time) noexcept : time_(time) {}
    void encode(CommandLine& line) const;

private:
    Time time_;
};

/// Speaks the time of day (SAY TIME).
///
/// Returns the escape digit that stopped it, or `nullopt`.
/// Throws: AGIAppError when a sound file is missing.
class SayTime : public detail::SayAction<SayTime> {
public:
    static constexpr std::string_view command = "SAY TIME";

    /// The current time.
    SayTime() noexcept {}
    /// The time of day at `time`, which Asterisk reads as a C `int`: until January 2038.
    explicit SayTime(std::chrono::system_clock::time_point time) noexcept : time_(time) {}
    void encode(CommandLine& line) const;

private:
    Time time_;
};

/// Speaks a date and a time in a format (SAY DATETIME).
///
/// Returns the escape digit that stopped it, or `nullopt`.
/// Throws: AGIAppError when a sound file is missing.
class SayDatetime : public detail::SayAction<SayDatetime> {
public:
    static constexpr std::string_view command = "SAY DATETIME";

    /// The current date and time.
    SayDatetime() noexcept {}
    /// Says `time`.
    explicit SayDatetime(std::chrono::system_clock::time_point time) noexcept : time_(time) {}
    /// A format as in voicemail.conf; Asterisk's default is "ABdY 'digits/at' IMp".
    SayDatetime& format(std::string text) {
        format_ = std::move(text);
        return *this;
    }
    /// A time zone of the system, such as "Europe/Berlin". Requires a format.
    SayDatetime& time_zone(std::string name) {
        zone_ = std::move(name);
        return *this;
    }
    void encode(CommandLine& line) const;

private:
    Time time_;
    std::string format_;
    std::string zone_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
