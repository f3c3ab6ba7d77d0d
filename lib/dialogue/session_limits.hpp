// SPDX-License-Identifier: MIT
// The limits of a session, in bytes, lines and time.
#pragma once

#include <costrix/agi/protocol/environment.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Bounds on what a peer may send, and on how long a session may take. `nullopt`: no limit.
struct SessionLimits {
    using Time = std::optional<std::chrono::milliseconds>;

    EnvironmentLimits environment = {};
    std::size_t reply_bytes = 65536;       ///< Of one reply, all its lines together.
    std::size_t reply_line_bytes = 65536;  ///< Of one line of a reply.
    std::size_t junk_lines = 100;          ///< Lines that answer nothing, in the whole session.
    std::size_t backlog_bytes = 65536;     ///< Commands that the peer has not read yet.
    Time environment_time = {};            ///< From the start to the end of the environment.
    Time session_time = {};                ///< Of the whole session.
    Time after_hangup_time = {};           ///< From the hangup to the end.
    Time channel_check_interval = {};      ///< How often to ask whether the channel is alive.
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
