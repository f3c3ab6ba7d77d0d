// SPDX-License-Identifier: MIT
// Actions that speak.
#include <costrix/agi/actions/say.hpp>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

/// Seconds since 1970; without a time, now.
std::int64_t seconds(std::optional<std::chrono::system_clock::time_point> time) {
    const auto when = time.value_or(std::chrono::system_clock::now());
    return std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
}

/// SAY DATE and SAY TIME read a C `int`; SAY DATETIME does not.
CommandLine&
encode_short_time(CommandLine& line, std::optional<std::chrono::system_clock::time_point> time) {
    return line.number(seconds(time), "time", -CommandLine::kMaxNumber);
}

}  // namespace

void SayDigits::encode(CommandLine& line) const {
    std::string_view digits = digits_;
    digits.remove_prefix(digits.starts_with('-') ? 1 : 0);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos)
        line.refuse("digits", "is not a sequence of 0-9");
    encode_escape_digits(line.argument(digits_, "digits"));
}

void SayNumber::encode(CommandLine& line) const {
    encode_escape_digits(line.number(number_));
    detail::encode_letter(line, gender_, "gender", "fmnc");
}

void SayAlpha::encode(CommandLine& line) const {
    encode_escape_digits(line.argument(text_, "text"));
    detail::encode_letter(line, case_, "letter_case", "alnu");
}

void SayDate::encode(CommandLine& line) const {
    encode_escape_digits(encode_short_time(line, time_));
}

void SayTime::encode(CommandLine& line) const {
    encode_escape_digits(encode_short_time(line, time_));
}

void SayDatetime::encode(CommandLine& line) const {
    if (format_.empty() && !zone_.empty())
        line.refuse("time_zone", "needs a format");
    encode_escape_digits(line.number(seconds(time_)));
    line.optional_argument(format_, "format").optional_argument(zone_, "time_zone");
}

}  // namespace costrix::inline COSTRIX_ABI::agi
