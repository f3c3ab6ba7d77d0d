// SPDX-License-Identifier: MIT
// The commands that a session sends on its own account, beside the fences that stop prompts.
#pragma once

#include <string_view>

namespace costrix::agi::detail {

/// Whether the channel lives: a dead one answers 511, whatever AGISIGHUP is.
inline constexpr std::string_view kProbe = "CHANNEL STATUS\n";

/// Whether the channel is hung up, 0 or 1, and what AGISIGHUP is. Dead channels and intercept
/// routines, which both answer 511 to a probe, answer this one. An action would send it in quotes.
inline constexpr std::string_view kQuestion =
    "GET FULL VARIABLE ${CHANNEL(checkhangup)}${AGISIGHUP}\n";

/// As it stands in a transcript.
constexpr std::string_view without_line_feed(std::string_view line) noexcept {
    return line.ends_with('\n') ? line.substr(0, line.size() - 1) : line;
}

}  // namespace costrix::agi::detail
