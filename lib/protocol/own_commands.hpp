// SPDX-License-Identifier: MIT
// The commands that a session sends by itself.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Asks whether the channel is alive: a dead one answers 511, whatever AGISIGHUP is.
inline constexpr std::string_view kStatusCheck = "CHANNEL STATUS\n";

/// Asks whether the channel is hung up (0 or 1), and for AGISIGHUP. Dead channels and intercept
/// routines, which both answer 511 to kStatusCheck, answer this one. It is unquoted, unlike an
/// action's.
inline constexpr std::string_view kHangupCheck =
    "GET FULL VARIABLE ${CHANNEL(checkhangup)}${AGISIGHUP}\n";

/// How a fence begins; a number and a quote follow. Live and dead channels alike echo what it asks
/// for, and no other reply looks like the echo.
inline constexpr std::string_view kFence = "GET FULL VARIABLE \"costrix-fence-";
/// How the value of its echo begins.
inline constexpr std::string_view kFenceEcho = kFence.substr(kFence.find('"') + 1);

/// A command as it is shown in a transcript.
constexpr std::string_view without_line_feed(std::string_view line) noexcept {
    return line.ends_with('\n') ? line.substr(0, line.size() - 1) : line;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
