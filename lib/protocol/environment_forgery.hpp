// SPDX-License-Identifier: MIT
// Tells Asterisk's own environment lines from those that a newline within a value has made.
#pragma once

#include <costrix/agi/protocol/environment.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Splits off the first line of `block`, without its LF.
inline std::string_view take_line(std::string_view& block) noexcept {
    const auto line = block.substr(0, block.find('\n'));
    block.remove_prefix(std::min(line.size() + 1, block.size()));
    return line;
}

/// N of the key `agi_arg_N`, from 1; 0 for any other key, and for a number with leading zeros.
std::size_t argument_number(std::string_view key) noexcept;

/// Removes the lines of `block` that cannot be Asterisk's, judging by the order in which Asterisk
/// sends its keys. False when that order leaves a choice: then the block is unchanged, and any line
/// of it may be forged. In the usual block, finds `places`.
bool drop_forged_lines(std::string& block, EnvironmentPlaces& places);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
