// SPDX-License-Identifier: MIT
// Asterisk sends each key once and in a fixed order (res_agi.c: setup_env). Forged lines stand
// between two genuine ones, so they break that order or repeat a key.
#include "protocol/environment_forgery.hpp"

#include "protocol/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// How Asterisk's lines begin, in their order. A line's rank is its place here.
constexpr std::array<std::string_view, 22> kLines{
    "agi_network: ",     "agi_network_script: ", "agi_request: ",     "agi_channel: ",
    "agi_language: ",    "agi_type: ",           "agi_uniqueid: ",    "agi_version: ",
    "agi_callerid: ",    "agi_calleridname: ",   "agi_callingpres: ", "agi_callingani2: ",
    "agi_callington: ",  "agi_callingtns: ",     "agi_dnid: ",        "agi_rdnis: ",
    "agi_context: ",     "agi_extension: ",      "agi_priority: ",    "agi_enhanced: ",
    "agi_accountcode: ", "agi_threadid: ",
};
/// The first two are optional: FastAGI has one, and the other when its URL has a path.
constexpr std::size_t kOpenings = 2;
/// The ranks of `agi_arg_N`, which come last, and of lines that Asterisk does not send.
constexpr std::size_t kArgument = kLines.size(), kOther = kArgument + 1, kRanks = kOther + 1;

struct Line {
    std::string_view text;  // with its LF
    std::size_t rank;
    std::size_t argument;  // N of agi_arg_N
    bool forged = false;
};

Line read_line(std::string_view text) noexcept {
    if (const auto number = argument_number(text.substr(0, text.find(": "))); number != 0)
        return {text, kArgument, number};
    const auto found = std::find_if(kLines.begin(), kLines.end(), [text](auto beginning) {
        return text.starts_with(beginning);
    });
    const auto rank = static_cast<std::size_t>(found - kLines.begin());
    return {text, rank == kLines.size() ? kOther : rank, 0};
}

/// Takes the line of a rank off `left`, the end of a block of `size` bytes.
template <std::size_t Rank>
bool take(std::string_view& left, std::size_t size, EnvironmentPlaces& places) noexcept {
    if (!begins_with(left, kLines[Rank]))
        return false;
    const auto place = static_cast<std::uint16_t>(size - left.size());
    if constexpr (kLines[Rank] == "agi_network_script: ")
        places.network_script = place;
    else if constexpr (kLines[Rank] == "agi_version: ")
        places.version = place;
    else if constexpr (kLines[Rank] == "agi_extension: ")
        places.extension = place;
    take_line(left);
    return true;
}

/// True for the usual block: all of Asterisk's lines in their order, and no others; finds some of
/// their places. This runs for every call, so it is unrolled: each comparison has a constant
/// length.
template <std::size_t... I>
bool is_usual(std::string_view block, EnvironmentPlaces& places, std::index_sequence<I...>) noexcept {
    const auto size = block.size();
    take<0>(block, size, places);
    take<1>(block, size, places);
    if (!(take<kOpenings + I>(block, size, places) && ...))
        return false;
    places.arguments = static_cast<std::uint16_t>(size - block.size());
    for (std::size_t n = 1; !block.empty(); ++n) {
        const auto line = take_line(block);
        if (argument_number(line.substr(0, line.find(": "))) != n)
            return false;
    }
    return true;
}

/// The lines with a key of each rank in `ranks`, in that order, chosen as early as possible. Empty
/// when there is no such choice, or another one.
std::vector<Line*> only_run(std::vector<Line>& lines, const std::vector<std::size_t>& ranks) {
    std::vector<Line*> run;
    for (auto& line : lines) {
        if (run.size() < ranks.size() && line.rank == ranks[run.size()])
            run.push_back(&line);
    }
    if (run.size() < ranks.size())
        return {};
    // Chosen as late as possible, it must be the same.
    auto left = run.size();
    for (auto line = lines.rbegin(); line != lines.rend() && left > 0; ++line) {
        if (line->rank == ranks[left - 1] && run[--left] != &*line)
            return {};
    }
    return run;
}

/// Marks every line that is not Asterisk's, given the run of keys that is.
void mark_forged(std::vector<Line>& lines, const std::vector<Line*>& run) {
    std::array<bool, kOpenings> seen{};
    bool begun = false;
    auto next = run.begin();
    for (auto& line : lines) {
        if (next != run.end() && *next == &line)
            ++next;
        else if (line.rank < kOpenings)  // the script chooses the handler: only the first counts
            line.forged = next != run.begin() || std::exchange(seen[line.rank], true);
        else if (line.rank < kArgument)
            line.forged = true;
        else if (line.rank == kArgument)
            line.forged = begun && next != run.end();
        begun = begun || line.rank < kArgument;
    }
}

bool arguments_are_in_order(const std::vector<Line>& lines) noexcept {
    std::size_t count = 0;
    return std::all_of(lines.begin(), lines.end(), [&](const Line& line) {
        return line.forged || line.rank != kArgument || line.argument == ++count;
    });
}

}  // namespace

std::size_t argument_number(std::string_view key) noexcept {
    constexpr std::string_view kPrefix = "agi_arg_";
    if (!key.starts_with(kPrefix) || key.substr(kPrefix.size()).starts_with('0'))
        return 0;
    return to_number<std::size_t>(key.substr(kPrefix.size())).value_or(0);
}

bool drop_forged_lines(std::string& block, EnvironmentPlaces& places) {
    EnvironmentPlaces found;
    if (is_usual(block, found, std::make_index_sequence<kLines.size() - kOpenings>())) {
        if (block.size() <= std::numeric_limits<std::uint16_t>::max())
            places = found;
        return true;
    }
    std::vector<Line> lines;
    std::array<std::size_t, kRanks> count{};
    for (std::string_view left = block; !left.empty();) {
        const auto from_here = left;
        take_line(left);
        const auto text = from_here.substr(0, from_here.size() - left.size());
        ++count[lines.emplace_back(read_line(text)).rank];
    }
    std::vector<std::size_t> ranks;  // of the keys that are there
    for (auto rank = kOpenings; rank < kArgument; ++rank) {
        if (count[rank] > 0)
            ranks.push_back(rank);
    }
    const auto run = only_run(lines, ranks);
    if (!run.empty())
        mark_forged(lines, run);
    else if (std::any_of(count.begin(), count.begin() + kArgument, [](auto n) { return n > 1; }))
        return false;
    if (!arguments_are_in_order(lines))
        return false;
    std::string genuine;
    for (const auto& line : lines)
        genuine += line.forged ? std::string_view() : line.text;
    block = std::move(genuine);
    return true;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
