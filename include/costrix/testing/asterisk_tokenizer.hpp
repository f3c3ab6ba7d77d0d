// SPDX-License-Identifier: MIT
// Splits a command line into words as Asterisk does; tests check every encoder with it.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing {

/// Maximum words in Asterisk's argument array (its MAX_ARGS less one).
inline constexpr std::size_t kMaxCommandWords = 127;

/// A command line as Asterisk sees it.
struct AsteriskWords {
    std::vector<std::string> words;  ///< At most `kMaxCommandWords`.
    bool truncated = false;          ///< Unquoted words beyond the limit are dropped.
    bool overrun =
        false;  ///< A quoted word beyond the limit: a real Asterisk writes past its array.
};

/// Splits `line`, which has no line feed, as parse_args in res_agi.c does.
///
/// Blanks and tabs separate words, a double quote toggles quoting anywhere, and a backslash makes
/// the next character literal inside and outside quotes. A NUL ends the line.
[[nodiscard]] AsteriskWords split_as_asterisk(std::string_view line);

}  // namespace costrix::inline COSTRIX_ABI::testing
