// SPDX-License-Identifier: MIT
// The one place that decides which bytes are written as `\xNN`.
#pragma once

#include <string>
#include <string_view>

namespace costrix::agi::detail {

struct Escaping {
    bool ascii_only = false;        ///< Every byte outside 0x20..0x7e is escaped, UTF-8 as well.
    bool double_backslash = false;  ///< So that the text can be read back, and nothing forged.
};

void append_byte_as_hex(std::string& text, char byte);

/// Appends `text`; what printable_prefix() does not count as printable becomes `\xNN`.
void append_escaped(std::string& result, std::string_view text, Escaping how);

}  // namespace costrix::agi::detail
