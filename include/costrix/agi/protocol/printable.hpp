// SPDX-License-Identifier: MIT
// Makes text from a caller or a peer safe for a log, a terminal or a message.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi {

/// The size in bytes of the printable UTF-8 character that `text` begins with; 0 if it is not one.
///
/// Control characters (C0, DEL, C1), line and paragraph separators, characters that change the
/// direction of writing, and invalid UTF-8 are not printable.
[[nodiscard]] std::size_t printable_prefix(std::string_view text) noexcept;

/// Replaces each byte that is not part of a printable character by `\xNN`.
///
/// Apply it to anything from a caller before you log or print it: a caller ID can contain escape
/// sequences and line breaks. Backslashes are left as they are.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace costrix::inline COSTRIX_ABI::agi
