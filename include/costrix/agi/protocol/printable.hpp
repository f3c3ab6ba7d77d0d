// SPDX-License-Identifier: MIT
// Text from a caller or a peer, made fit for a log, a terminal or a message.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace costrix::agi {

/// How many bytes at the start of `text` are one printable UTF-8 character; 0 for none.
///
/// Not printable are control characters (C0, DEL, C1), line and paragraph separators, the marks
/// that change the direction of writing, and bytes that are not UTF-8.
[[nodiscard]] std::size_t printable_prefix(std::string_view text) noexcept;

/// The text with every byte that is not part of a printable character as `\xNN`.
///
/// Use it for what comes from a caller before you log it or print it: a caller ID can hold escape
/// sequences and line breaks. A backslash stays as it is.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace costrix::agi
