// SPDX-License-Identifier: MIT
// Text from a peer, made safe for a log line.
#pragma once

#include <string>
#include <string_view>

namespace costrix::agi::detail {

/// The text with control characters as `\xNN` and a backslash doubled, cut after `most` bytes.
std::string log_text(std::string_view text, std::size_t most = 200);

/// For what an exception says: it may have both the beginning of a reply and a command in it.
inline constexpr std::size_t kMostOfAnError = 600;

}  // namespace costrix::agi::detail
