// SPDX-License-Identifier: MIT
// The one place that decides which bytes are written as `\xNN`.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

struct Escaping {
    bool ascii_only = false;        ///< Escapes every byte outside 0x20..0x7e, UTF-8 too.
    bool double_backslash = false;  ///< Makes the result unambiguous, so that it can be undone.
    /// Input beyond this many bytes is replaced by "…"; the cut never splits a UTF-8 character.
    std::size_t max_bytes = std::string_view::npos;
};

/// Appends `text` with each byte that is not part of a printable character as `\xNN`.
void append_escaped(std::string& result, std::string_view text, Escaping how);

/// Appends one byte as `\xNN`.
void append_byte_as_hex(std::string& result, char byte);

/// Undoes append_escaped() with `double_backslash`. Other backslashes stand for themselves.
std::string unescape(std::string_view text);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
