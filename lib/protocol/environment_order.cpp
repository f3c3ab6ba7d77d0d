// SPDX-License-Identifier: MIT
// Asterisk sends each key once and in a fixed order (res_agi.c: setup_env). A newline in a value
// makes lines between two genuine ones; these break the order, or repeat a key of it.
#include "protocol/environment_order.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::agi::detail {
namespace {

constexpr std::size_t kOpenings = 2;
/// How Asterisk's lines begin, in their order: two of FastAGI's, the second only where the URL has
/// a path, and what always comes.
constexpr std::array<std::string_view, 22> kLines{
    "agi_network: ",     "agi_network_script: ", "agi_request: ",     "agi_channel: ",
    "agi_language: ",    "agi_type: ",           "agi_uniqueid: ",    "agi_version: ",
    "agi_callerid: ",    "agi_calleridname: ",   "agi_callingpres: ", "agi_callingani2: ",
    "agi_callington: ",  "agi_callingtns: ",     "agi_dnid: ",        "agi_rdnis: ",
    "agi_context: ",     "agi_extension: ",      "agi_priority: ",    "agi_enhanced: ",
    "agi_accountcode: ", "agi_threadid: ",
};
// The rank of a key is its place behind the openings.
constexpr std::size_t kKeys = kLines.size() - kOpenings, kCallerID = 6;
// Ranks of the other lines: what comes behind all keys, what comes before them, and the rest.
constexpr std::size_t kArgument = kKeys, kNetwork = kArgument + 1, kOther = kNetwork + kOpenings;

/// One line of the block.
struct Line {
    std::string_view text;      // its LF included
    std::size_t rank = kOther;  // of its key: its place behind the openings, or one of those above
    std::size_t number = 0;     // N of agi_arg_N
    std::size_t up = 0;         // length of the longest run in order that ends here
    bool own = false;           // part of a longest run of the whole block
    bool dropped = false;
};

/// `likely` is where the key is looked for first.
Line read_line(std::string_view text, std::size_t likely) noexcept {
    Line line{text};
    constexpr std::string_view argument = "agi_arg_";
    if (text.starts_with(argument)) {
        const char* const number = text.data() + argument.size();
        const char* const end = text.data() + text.size();
        const auto parsed = std::from_chars(number, end, line.number);
        const auto rest = std::string_view(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
        if (parsed.ec == std::errc{} && rest.starts_with(": ") && *number != '0')
            line.rank = kArgument;
        return line;
    }
    for (std::size_t i = 0; i < kKeys; ++i) {
        const auto rank = (likely + i) % kKeys;
        if (text.starts_with(kLines[kOpenings + rank])) {
            line.rank = rank;
            return line;
        }
    }
    for (std::size_t i = 0; i < kOpenings; ++i) {
        if (text.starts_with(kLines[i]))
            line.rank = kNetwork + i;
    }
    return line;
}

template <class Function>
void for_each_line(std::string_view block, Function function) {
    while (!block.empty()) {
        const auto size = std::min(block.find('\n'), block.size() - 1) + 1;
        if (!function(block.substr(0, size)))
            return;
        block.remove_prefix(size);
    }
}

/// What nearly every block is: Asterisk's lines in their order, each once, without arguments.
bool is_usual(std::string_view block) noexcept {
    for (std::size_t next = 0; !block.empty(); ++next) {
        while (next < kOpenings && !block.starts_with(kLines[next]))
            ++next;
        if (next == kLines.size() || !block.starts_with(kLines[next]))
            return false;
        block.remove_prefix(std::min(block.find('\n'), block.size() - 1) + 1);
    }
    return true;
}

/// The same with arguments, with keys of others, or without some of Asterisk's.
bool is_in_order(std::string_view block) noexcept {
    bool good = true;
    std::size_t opening = kNetwork, next = 0, arguments = 0;
    for_each_line(block, [&](std::string_view text) {
        const auto line = read_line(text, next);
        if (line.rank < kArgument) {
            good = line.rank >= next && arguments == 0;
            next = line.rank + 1;
        } else if (line.rank == kArgument) {
            good = line.number == ++arguments;
        } else if (line.rank < kOther) {
            good = line.rank >= opening && next == 0 && arguments == 0;
            opening = line.rank + 1;
        }
        return good;
    });
    return good;
}

/// Marks the lines that are part of a longest run of keys in Asterisk's order. Asterisk's own lines
/// are such a run, since it sends each of them.
void mark_longest_runs(std::vector<Line>& lines) {
    std::array<std::size_t, kKeys> best{};  // the longest run that ends, or begins, there
    std::size_t longest = 0;
    for (auto& line : lines) {
        if (line.rank >= kArgument)
            continue;
        const auto at = best.begin() + static_cast<std::ptrdiff_t>(line.rank);
        line.up = 1 + (at == best.begin() ? 0 : *std::max_element(best.begin(), at));
        *at = std::max(*at, line.up);
        longest = std::max(longest, line.up);
    }
    best = {};
    for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
        if (line->rank >= kArgument)
            continue;
        const auto at = best.begin() + static_cast<std::ptrdiff_t>(line->rank);
        const auto down = 1 + (at + 1 == best.end() ? 0 : *std::max_element(at + 1, best.end()));
        *at = std::max(*at, down);
        line->own = line->up + down - 1 == longest;
    }
}

/// Keeps one line of each key; false when more than one could be Asterisk's.
bool keep_one_of_each(std::vector<Line>& lines) {
    bool sure = true;
    std::array<Line*, kArgument> kept{};
    for (auto& line : lines) {
        if (line.rank >= kArgument)
            continue;
        auto*& before = kept[line.rank];
        sure = sure && !(before && before->own && line.own);
        const bool better = line.own && (!before || !before->own || line.rank > kCallerID);
        if (before && !better) {
            line.dropped = true;
            continue;
        }
        if (before)
            before->dropped = true;
        before = &line;
    }
    return sure;
}

/// The script chooses the handler: only what stands before all of Asterisk's keys can be it.
void keep_opening(std::vector<Line>& lines) {
    std::array<bool, kOpenings> late{};
    for (auto& line : lines) {
        if (line.rank >= kNetwork && line.rank < kOther)
            line.dropped = std::exchange(late[line.rank - kNetwork], true);
        else if (line.own && !line.dropped)
            late.fill(true);
    }
}

/// Arguments come behind all keys, numbered from 1; false when their numbers are something else.
bool keep_arguments(std::vector<Line>& lines) {
    const auto is_key = [](const Line& line) { return line.own && !line.dropped; };
    const auto last_key = std::find_if(lines.rbegin(), lines.rend(), is_key).base();
    for (auto line = std::find_if(lines.begin(), last_key, is_key); line != last_key; ++line)
        line->dropped = line->dropped || line->rank == kArgument;
    std::size_t arguments = 0;
    return std::all_of(lines.begin(), lines.end(), [&](const Line& line) {
        return line.dropped || line.rank != kArgument || line.number == ++arguments;
    });
}

}  // namespace

bool drop_forged_lines(std::string& block) {
    if (is_usual(block) || is_in_order(block))
        return true;
    std::vector<Line> lines;
    for_each_line(block, [&](std::string_view text) {
        lines.push_back(read_line(text, 0));
        return true;
    });
    mark_longest_runs(lines);
    const bool keys = keep_one_of_each(lines);
    keep_opening(lines);
    const bool arguments = keep_arguments(lines);
    std::string own;
    for (const auto& line : lines)
        own += line.dropped ? std::string_view() : line.text;
    block = std::move(own);
    return keys && arguments;
}

}  // namespace costrix::agi::detail
