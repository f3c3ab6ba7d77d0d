// SPDX-License-Identifier: MIT
// What Asterisk answers to a command when the caller presses keys, or none.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// The answer to keys that end a command, `elapsed` after it came; nullopt when they do not.
std::optional<std::string> answer_to_keys(
    const std::vector<std::string>& command,
    std::string_view keys,
    std::chrono::nanoseconds elapsed
);

/// The answer to a caller who presses nothing; nullopt for a command that takes no keys.
std::optional<std::string>
answer_to_silence(const std::vector<std::string>& command, std::chrono::nanoseconds elapsed);

/// How long the command waits for a key that does not come; 0 for prompts, whose length the
/// script says.
std::chrono::nanoseconds silence_of(const std::vector<std::string>& command);

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
