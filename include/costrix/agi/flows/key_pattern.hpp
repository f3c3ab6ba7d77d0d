// SPDX-License-Identifier: MIT
// KeyPattern: which keys make a choice of a menu.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

/// Keys, or a pattern of keys, as in Asterisk's dialplan but without its underscore.
///
/// A key stands for itself, `[0-35*]` for one of several, `X` for 0-9, `Z` for 1-9, `N` for 2-9;
/// `.` at the end is one or more keys of any kind: "9." is everything that begins with 9.
class KeyPattern {
public:
    /// What keys are to a pattern.
    enum class Match : std::uint8_t { none, partial, full, full_or_partial };

    /// Throws std::invalid_argument, which says what is wrong with the pattern.
    template <std::convertible_to<std::string> T>
    KeyPattern(T text) : KeyPattern(std::string(std::move(text)), Parse()) {}
    /// A pattern that one key matches.
    KeyPattern(char key) : KeyPattern(std::string(1, key), Parse()) {}

    /// The numbers from `low` to `high`, without leading zeros: range(5, 120).
    ///
    /// Throws std::invalid_argument unless 0 <= low <= high < 10^9.
    static KeyPattern range(std::int64_t low, std::int64_t high);

    /// Compares the keys pressed so far with the pattern.
    Match match(std::string_view keys) const noexcept;
    /// True when it matches one sequence of keys only.
    bool is_literal() const noexcept;
    /// The pattern as written; a range is "5-120".
    const std::string& text() const noexcept { return text_; }

private:
    struct Parse {};
    KeyPattern(std::string text, Parse);
    KeyPattern() = default;

    Match match_range(std::string_view keys) const noexcept;

    std::string text_;
    std::vector<std::string> positions_;  // the keys that each position takes
    bool open_ = false;
    std::int64_t low_ = -1, high_ = -1;  // a range
};

}  // namespace costrix::inline COSTRIX_ABI::agi
