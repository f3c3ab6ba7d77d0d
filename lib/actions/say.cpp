// SPDX-License-Identifier: MIT
// Actions that speak numbers.
#include "actions/results.hpp"

#include <costrix/agi/actions/say.hpp>

namespace costrix::agi {
void SayDigits::encode(CommandLine& line) const {
    const auto digits =
        digits_.starts_with('-') ? std::string_view(digits_).substr(1) : std::string_view(digits_);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos)
        line.refuse("digits", "is not a sequence of 0-9");
    line.argument(digits_, "digits").keys(escape_digits_, "escape_digits");
}

std::optional<char> SayDigits::parse(const Reply& reply) {
    return detail::key_or_failure(reply, detail::kSoundMissing);
}

void SayNumber::encode(CommandLine& line) const {
    line.number(number_).keys(escape_digits_, "escape_digits");
    if (gender_ == '\0')
        return;
    if (std::string_view("fmnc").find(gender_) == std::string_view::npos)
        line.refuse("gender", "is not one of f, m, n, c");
    line.argument(std::string_view(&gender_, 1), "gender");
}

std::optional<char> SayNumber::parse(const Reply& reply) {
    return detail::key_or_failure(reply, detail::kSoundMissing);
}

}  // namespace costrix::agi
