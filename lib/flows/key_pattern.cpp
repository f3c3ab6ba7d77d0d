// SPDX-License-Identifier: MIT
// Parses patterns of keys, and matches what has been pressed so far.
#include "protocol/ascii.hpp"

#include <costrix/agi/flows/key_pattern.hpp>
#include <costrix/agi/protocol/command_line.hpp>

#include <algorithm>
#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

[[noreturn]] void refuse_pattern(const std::string& text, const std::string& why) {
    throw std::invalid_argument("the keys \"" + text + "\": " + why);
}

/// The keys in `[…]`, whose inside `inside` is.
std::string set_of(const std::string& text, std::string_view inside) {
    std::string keys;
    for (std::size_t i = 0; i < inside.size(); ++i) {
        const char from = inside[i];
        const bool ranges = i + 2 < inside.size() && inside[i + 1] == '-';
        const char to = ranges ? inside[i + 2] : from;
        if (!is_dtmf(from) || !is_dtmf(to))
            refuse_pattern(text, "a key is one of 0-9 * # A-D");
        if (ranges && (!detail::is_digit(from) || !detail::is_digit(to) || from > to))
            refuse_pattern(text, "a range in brackets goes from a digit to a higher one");
        for (char key = from; key <= to; ++key)
            keys += key;
        i += ranges ? 2 : 0;
    }
    if (keys.empty())
        refuse_pattern(text, "nothing in brackets");
    return keys;
}

}  // namespace

KeyPattern::KeyPattern(std::string text, Parse) : text_(std::move(text)) {
    for (std::size_t i = 0; i < text_.size(); ++i) {
        const char c = text_[i];
        if (c == '[') {
            const auto close = text_.find(']', i);
            if (close == std::string::npos)
                refuse_pattern(text_, "a bracket is not closed");
            positions_.push_back(set_of(text_, std::string_view(text_).substr(i + 1, close - i - 1))
            );
            i = close;
        } else if (c == 'X' || c == 'Z' || c == 'N') {
            positions_.push_back(std::string("0123456789").substr(c == 'X' ? 0 : c == 'Z' ? 1 : 2));
        } else if (c == '.' && i + 1 == text_.size()) {
            open_ = true;
        } else if (is_dtmf(c)) {
            positions_.emplace_back(1, c);
        } else {
            refuse_pattern(text_, "made of 0-9 * # A-D, X, Z, N, [..], and . at the end");
        }
    }
    if (text_.empty())
        refuse_pattern(text_, "empty");
}

KeyPattern KeyPattern::range(std::int64_t low, std::int64_t high) {
    KeyPattern pattern;
    pattern.text_ = std::to_string(low) + "-" + std::to_string(high);
    if (low < 0 || low > high || high >= 1'000'000'000)
        refuse_pattern(pattern.text_, "a range goes from 0 or more to less than 1,000,000,000");
    pattern.low_ = low;
    pattern.high_ = high;
    return pattern;
}

bool KeyPattern::is_literal() const noexcept {
    return high_ < 0 && !open_ && std::all_of(positions_.begin(), positions_.end(), [](auto& keys) {
               return keys.size() == 1;
           });
}

KeyPattern::Match KeyPattern::match_range(std::string_view keys) const noexcept {
    const auto number = detail::to_number<std::int64_t>(keys);
    const bool plain = number && std::all_of(keys.begin(), keys.end(), detail::is_digit) &&
                       (keys.size() == 1 || keys.front() != '0');
    if (!plain || *number > high_)
        return Match::none;
    bool longer = false;  // whether further digits make a number within
    for (std::int64_t low = *number * 10, high = low + 9; low > 0 && low <= high_;
         low *= 10, high = high * 10 + 9)
        longer = longer || high >= low_;
    if (*number < low_)
        return longer ? Match::partial : Match::none;
    return longer ? Match::full_or_partial : Match::full;
}

KeyPattern::Match KeyPattern::match(std::string_view keys) const noexcept {
    if (high_ >= 0)
        return keys.empty() ? Match::partial : match_range(keys);
    for (std::size_t i = 0; i < std::min(keys.size(), positions_.size()); ++i) {
        if (positions_[i].find(keys[i]) == std::string::npos)
            return Match::none;
    }
    if (keys.size() > positions_.size())
        return open_ ? Match::full_or_partial : Match::none;
    if (keys.size() == positions_.size() && !open_)
        return Match::full;
    return Match::partial;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
