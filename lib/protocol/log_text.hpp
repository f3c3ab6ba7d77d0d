// SPDX-License-Identifier: MIT
// Makes text from a peer safe for a log line.
#pragma once

#include "protocol/escape.hpp"

#include <costrix/agi/detail/config.hpp>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Appends at most `max_bytes` bytes of `text`, escaped. Backslashes are doubled, so that no input
/// can pass for an escaped byte.
inline void append_log_text(std::string& line, std::string_view text, std::size_t max_bytes = 200) {
    append_escaped(line, text, {.double_backslash = true, .max_bytes = max_bytes});
}

/// The same as a new string.
inline std::string log_text(std::string_view text, std::size_t max_bytes = 200) {
    std::string safe;
    append_log_text(safe, text, max_bytes);
    return safe;
}

/// The same for the message of an exception. Backslashes stay single, since the library's own
/// exceptions have escaped what they quote: up to 200 bytes of a reply, and a command.
inline std::string log_message(std::string_view what) {
    std::string safe;
    append_escaped(safe, what, {.max_bytes = 600});
    return safe;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
