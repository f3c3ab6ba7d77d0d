// SPDX-License-Identifier: MIT
// Actions that spell texts and speak times.
#include "actions/results.hpp"

#include <costrix/agi/actions/say_text.hpp>

namespace costrix::agi {
namespace {

using Time = std::optional<std::chrono::system_clock::time_point>;

/// Seconds since 1970, as Asterisk wants them.
std::int64_t seconds(const Time& time) {
    const auto when = time.value_or(std::chrono::system_clock::now());
    return std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
}

/// SAY DATE and SAY TIME read an int, which ends in January 2038; SAY DATETIME does not.
void add_short_time(CommandLine& line, const Time& time) {
    line.number(seconds(time), "time", -CommandLine::kMaxNumber);
}

}  // namespace

void SayAlpha::encode(CommandLine& line) const {
    line.argument(text_, "text").keys(escape_digits_, "escape_digits");
    if (case_ == '\0')
        return;
    if (std::string_view("alnu").find(case_) == std::string_view::npos)
        line.refuse("letter_case", "is not one of a, l, n, u");
    line.argument(std::string_view(&case_, 1), "letter_case");
}

std::optional<char> SayAlpha::parse(const Reply& reply) {
    return detail::key_or_failure(reply, detail::kSoundMissing);
}

void SayPhonetic::encode(CommandLine& line) const {
    line.argument(text_, "text").keys(escape_digits_, "escape_digits");
}

std::optional<char> SayPhonetic::parse(const Reply& reply) {
    return detail::key_or_failure(reply, detail::kSoundMissing);
}

void SayDate::encode(CommandLine& line) const {
    add_short_time(line, time_);
    line.keys(escape_digits_, "escape_digits");
}

std::optional<char> SayDate::parse(const Reply& reply) {
    return detail::key_or_failure(reply, detail::kSoundMissing);
}

void SayTime::encode(CommandLine& line) const {
    add_short_time(line, time_);
    line.keys(escape_digits_, "escape_digits");
}

std::optional<char> SayTime::parse(const Reply& reply) {
    return detail::key_or_failure(reply, detail::kSoundMissing);
}

void SayDatetime::encode(CommandLine& line) const {
    line.number(seconds(time_)).keys(escape_digits_, "escape_digits");
    if (!format_.empty())
        line.argument(format_, "format");
    else if (!zone_.empty())
        line.refuse("time_zone", "needs a format");
    if (!zone_.empty())
        line.argument(zone_, "time_zone");
}

std::optional<char> SayDatetime::parse(const Reply& reply) {
    return detail::key_or_failure(reply, detail::kSoundMissing);
}

}  // namespace costrix::agi
