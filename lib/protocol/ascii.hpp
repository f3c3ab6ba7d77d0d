// SPDX-License-Identifier: MIT
// ASCII characters and numbers in text, independent of the locale.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <system_error>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

constexpr bool is_alphanumeric(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// text.starts_with(prefix) for a constant prefix: the compiler compares in place, and calls
/// nothing.
[[gnu::always_inline]] inline bool
begins_with(std::string_view text, std::string_view prefix) noexcept {
    return text.size() >= prefix.size() &&
           std::memcmp(text.data(), prefix.data(), prefix.size()) == 0;
}

constexpr char to_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept {
    return text.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) {
               return to_lower(a) == to_lower(b);
           });
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && starts_with_ignoring_case(a, b);
}

/// Parses the whole of `text`; `nullopt` when it is not a number or out of range.
template <class Number, int base = 10>
std::optional<Number> to_number(std::string_view text) noexcept {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, base);
    return error == std::errc{} && stop == end ? std::optional(number) : std::nullopt;
}

/// Parses the first two characters of `text` as a byte in hexadecimal.
inline std::optional<char> hex_byte(std::string_view text) noexcept {
    const auto byte = to_number<unsigned char, 16>(text.substr(0, 2));
    return byte && text.size() >= 2 ? std::optional(static_cast<char>(*byte)) : std::nullopt;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
