// SPDX-License-Identifier: MIT
// Text helpers for the simulated Asterisk.

#include "testing/asterisk/asterisk_parsing.hpp"

#include "protocol/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace costrix::inline COSTRIX_ABI::testing::detail {

namespace {

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
    return std::any_of(words.begin(), words.end(), [&](auto word) {
        return agi::detail::equal_ignoring_case(text, word);
    });
}

}  // namespace

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), agi::detail::to_lower);
    return result;
}

std::string database_key(std::string_view family, std::string_view key) {
    std::string result("/");
    result.append(family).append("/").append(key);
    return result;
}

std::optional<int> scan_int(const std::string& text) {
    const char* begin = text.c_str();
    char* end = nullptr;
    const long value = std::strtol(begin, &end, 10);
    if (end == begin)
        return std::nullopt;
    return static_cast<int>(value);  // glibc's %d wraps too: LONG_MAX becomes -1
}

std::optional<std::chrono::nanoseconds> scan_seconds(const std::string& text) {
    const char* begin = text.c_str();
    char* end = nullptr;
    const double value = std::strtod(begin, &end);
    if (end == begin)
        return std::nullopt;
    constexpr double year = 366.0 * 24 * 3600;
    const std::chrono::duration<double> seconds(value > 0 ? std::min(value, year) : 0.0);
    return std::chrono::duration_cast<std::chrono::nanoseconds>(seconds);
}

int as_int(const std::string& text) {
    return scan_int(text).value_or(0);
}

std::vector<std::string> split_arguments(std::string_view text, bool raw) {
    std::vector<std::string> pieces;
    if (text.empty())
        return pieces;
    pieces.emplace_back();
    int round = 0, square = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == ',' && !quoted && round == 0 && square == 0) {
            pieces.emplace_back();
            continue;
        }
        const bool escape = c == '\\';
        if (raw || (c != '"' && !escape))
            pieces.back() += c;
        if (escape && ++i < text.size())
            pieces.back() += text[i];
        quoted = quoted != (c == '"');
        round = std::max(round + (c == '(' ? 1 : c == ')' ? -1 : 0), 0);
        square = std::max(square + (c == '[' ? 1 : c == ']' ? -1 : 0), 0);
    }
    return pieces;
}

bool is_true(std::string_view text) {
    return is_one_of<6>(text, {"yes", "true", "y", "t", "1", "on"});
}

bool is_false(std::string_view text) {
    return is_one_of<6>(text, {"no", "false", "n", "f", "0", "off"});
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
