// SPDX-License-Identifier: MIT
// How Asterisk cuts a command line into words: the judge of every encoder.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing {

/// More words than this do not fit Asterisk's argument array (its MAX_ARGS less one).
inline constexpr std::size_t kMaxCommandWords = 127;

/// A command line as Asterisk sees it.
struct AsteriskWords {
    std::vector<std::string> words;  ///< At most `kMaxCommandWords`.
    bool truncated = false;          ///< Unquoted words beyond the limit were dropped.
    bool overrun =
        false;  ///< A quoted word beyond the limit: a real Asterisk writes past its array.
};

/// Cuts `line`, which has no line feed, the way res_agi.c's parse_args does.
///
/// Blanks and tabs separate words, a double quote toggles quoting anywhere, a backslash makes the
/// next character literal inside and outside quotes. A NUL ends the line.
[[nodiscard]] AsteriskWords split_as_asterisk(std::string_view line);

}  // namespace costrix::inline COSTRIX_ABI::testing
