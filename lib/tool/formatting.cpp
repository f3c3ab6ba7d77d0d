// SPDX-License-Identifier: MIT
// Parses durations; formats durations and numbers for people; measures and escapes text.
#include "tool/formatting.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace costrix::tool {
namespace {

using std::chrono::nanoseconds;

struct Unit {
    std::string_view name;
    double nanoseconds;
};

constexpr std::array<Unit, 6> kUnits{
    {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};

[[noreturn]] void reject_duration(std::string_view text) {
    throw std::invalid_argument(
        "'" + std::string(text) + "' is not a duration such as 1.5s, 200ms or 2m"
    );
}

}  // namespace

nanoseconds parse_duration(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const auto* const found = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& row) {
        return row.name == (unit.empty() ? "s" : unit);
    });
    if (error != std::errc{} || found == kUnits.end() || !(number >= 0))
        reject_duration(text);
    const double length = number * found->nanoseconds;
    if (length > 9e18)
        reject_duration(text);
    return nanoseconds(std::llround(length));
}

DurationRange parse_duration_range(std::string_view text) {
    const auto dots = text.find("..");
    if (dots == std::string_view::npos) {
        const auto only = parse_duration(text);
        return {only, only};
    }
    const DurationRange range{
        parse_duration(text.substr(0, dots)), parse_duration(text.substr(dots + 2))};
    if (range.max < range.min)
        throw std::invalid_argument("'" + std::string(text) + "' ends before it begins");
    return range;
}

std::string short_duration(nanoseconds duration) {
    const auto count = static_cast<double>(duration.count());
    const Unit* unit = kUnits.data();
    for (const auto& larger : kUnits) {
        if (larger.nanoseconds <= 1e9 && count >= larger.nanoseconds)
            unit = &larger;
    }
    const double number = count / unit->nanoseconds;
    const bool whole = number >= 99.95 || unit->name == "ns";
    const int decimals = whole ? 0 : number >= 9.995 ? 1 : 2;
    return fmt::format("{:.{}f} {}", number, decimals, unit->name == "us" ? "µs" : unit->name);
}

std::string in_seconds(nanoseconds duration, int decimals) {
    return fixed(seconds(duration), decimals);
}

std::string fixed(double number, int decimals) {
    return fmt::format("{:.{}f}", number, decimals);
}

std::string grouped(unsigned long long number) {
    auto text = std::to_string(number);
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

std::string counted(unsigned long long number, std::string_view thing) {
    return fmt::format("{} {}{}", grouped(number), thing, number == 1 ? "" : "s");
}

void erase_last(std::string& text) noexcept {
    const auto continues = [](char byte) { return (byte & 0xc0) == 0x80; };
    while (!text.empty() && continues(text.back()))
        text.pop_back();
    if (!text.empty())
        text.pop_back();
}

std::size_t width(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
        return static_cast<unsigned char>(byte) >> 6 != 0x2;  // not a byte that continues one
    }));
}

std::string fitted(std::string_view text, std::size_t columns) {
    const auto characters = width(text);
    if (characters <= columns)
        return std::string(text).append(columns - characters, ' ');
    std::string result;
    for (std::size_t i = 0; i + 1 < columns; ++i) {
        const auto length = std::max<std::size_t>(printable_prefix(text), 1);
        result.append(text.substr(0, length));
        text.remove_prefix(length);
    }
    return columns == 0 ? result : result + "…";
}

std::string escape_markup(std::string_view content) {
    std::string result;
    for (const char letter : content) {
        switch (letter) {
        case '<':
            result += "&lt;";
            break;
        case '>':
            result += "&gt;";
            break;
        case '&':
            result += "&amp;";
            break;
        case '"':
            result += "&quot;";
            break;
        default:
            result += letter;
        }
    }
    return result;
}

}  // namespace costrix::tool
