// SPDX-License-Identifier: MIT
// Splits a command line into words as Asterisk does (res_agi.c: parse_args).
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

constexpr bool is_blank(char byte) noexcept {
    return byte == ' ' || byte == '\t';
}

/// Takes the next word off `line` and calls `take` with each of its characters, without quotes and
/// backslashes. False when there are no more words.
template <class Take>
constexpr bool take_word(std::string_view& line, Take take) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty() || line.front() == '\n')
        return false;
    bool quoted = false;
    std::size_t at = 0;
    for (; at < line.size() && (quoted || !is_blank(line[at])) && line[at] != '\n'; ++at) {
        if (line[at] == '"')
            quoted = !quoted;
        else if (line[at] != '\\' || ++at < line.size())
            take(line[at]);
    }
    line.remove_prefix(std::min(at, line.size()));
    return true;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
