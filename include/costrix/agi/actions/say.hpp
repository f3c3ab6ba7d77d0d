// SPDX-License-Identifier: MIT
// Actions that speak numbers in the channel's language: SayDigits, SayNumber.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace costrix::agi {

/// Speaks digits one by one (SAY DIGITS).
///
/// The result is the escape digit that ended it, or nothing when it was spoken to the end.
/// Throws: AGIAppError when a sound file is missing.
class SayDigits {
public:
    static constexpr std::string_view command = "SAY DIGITS";

    /// Digits 0-9, leading zeros kept, a `-` allowed in front.
    explicit SayDigits(std::string digits) : digits_(std::move(digits)) {}
    /// The keys that end it, of 0-9, *, #, A-D; none by default.
    SayDigits& escape_digits(std::string keys) {
        escape_digits_ = std::move(keys);
        return *this;
    }
    void encode(CommandLine& line) const;
    static std::optional<char> parse(const Reply& reply);

private:
    std::string digits_;
    std::string escape_digits_;
};

/// Speaks a number (SAY NUMBER).
///
/// The result is the escape digit that ended it, or nothing when it was spoken to the end.
/// Throws: AGIAppError when a sound file is missing.
class SayNumber {
public:
    static constexpr std::string_view command = "SAY NUMBER";

    /// Asterisk reads it as a C int.
    explicit SayNumber(std::int32_t number) noexcept : number_(number) {}
    /// The keys that end it, of 0-9, *, #, A-D; none by default.
    SayNumber& escape_digits(std::string keys) {
        escape_digits_ = std::move(keys);
        return *this;
    }
    /// Grammatical gender where the language has one: 'f', 'm', 'n' or 'c' (say.c).
    SayNumber& gender(char letter) noexcept {
        gender_ = letter;
        return *this;
    }
    void encode(CommandLine& line) const;
    static std::optional<char> parse(const Reply& reply);

private:
    std::int32_t number_;
    std::string escape_digits_;
    char gender_ = '\0';
};

}  // namespace costrix::agi
