// SPDX-License-Identifier: MIT
// Parses durations; formats durations and numbers for people; measures and escapes text.
#pragma once

#include <costrix/agi/protocol/printable.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace costrix::tool {

/// Reads `1.5s`, `200ms`, `50us`, `2m`, `1h`, or a bare number of seconds; not negative.
///
/// Throws std::invalid_argument.
std::chrono::nanoseconds parse_duration(std::string_view text);

/// A range of durations, both ends included.
struct DurationRange {
    std::chrono::nanoseconds min{};
    std::chrono::nanoseconds max{};
};

/// Reads a duration, or two with `..` between; throws std::invalid_argument.
DurationRange parse_duration_range(std::string_view text);

/// A duration with three significant digits and its unit, such as `1.23 ms`.
std::string short_duration(std::chrono::nanoseconds duration);

/// Seconds with that many decimals, without a unit.
std::string in_seconds(std::chrono::nanoseconds duration, int decimals = 2);

/// Seconds as a number.
inline double seconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

/// A number with that many decimals.
std::string fixed(double number, int decimals);

/// A whole number with a comma before every three digits.
std::string grouped(unsigned long long number);

/// A number of things, such as `1 call` or `1,000 calls`.
std::string counted(unsigned long long number, std::string_view thing);

using agi::printable;
using agi::printable_prefix;

/// Truncates, with an ellipsis, or pads with blanks to exactly `columns` characters.
std::string fitted(std::string_view text, std::size_t columns);

/// Removes the last UTF-8 character, if there is one.
void erase_last(std::string& text) noexcept;

/// How many characters a printable text has.
std::size_t width(std::string_view text) noexcept;

/// The text with `<`, `>`, `&` and quotes escaped, for HTML and SVG.
std::string escape_markup(std::string_view text);

}  // namespace costrix::tool
