// SPDX-License-Identifier: MIT
// Text from a peer, made safe for a log line.
#pragma once

#include <string>
#include <string_view>

namespace costrix::agi::detail {

/// The text in printable characters, all other bytes as `\xNN` and a backslash doubled, so that
/// nothing can be forged; cut after `max_bytes` bytes.
std::string log_text(std::string_view text, std::size_t max_bytes = 200);
/// Appends the same.
void append_log_text(std::string& line, std::string_view text, std::size_t max_bytes = 200);

/// The same for what an exception says, with backslashes as they are: the library's own exceptions
/// have escaped what they quote. It may hold both the beginning of a reply and a command.
std::string log_message(std::string_view what);

}  // namespace costrix::agi::detail
