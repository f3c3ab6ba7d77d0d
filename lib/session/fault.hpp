// SPDX-License-Identifier: MIT
// What a session can find wrong with its peer.
#pragma once

#include <cstdint>

namespace costrix::agi::detail {

/// What a session found wrong with its peer.
enum class Fault : std::uint8_t {
    none,
    silent,                ///< Connected and closed without sending a byte: a health probe.
    environment_cut,       ///< Closed before the environment's end.
    environment_late,      ///< The environment did not come in time.
    environment_too_long,  ///< Too many lines, a line too long, too many bytes.
    environment_forged,    ///< A newline in a value: a line of it may pass for one of Asterisk's.
    not_agi,               ///< The first line does not begin an environment.
    reply_too_long,
    not_a_reply,  ///< A line that is no reply, or too many that answer no command.
    not_reading,  ///< It does not read our commands: the backlog is over its limit.
    vanished,     ///< Its host no longer answers (keepalive, TCP_USER_TIMEOUT).
    session_too_long,
    late_after_hangup,
    internal,  ///< Not the peer's fault: out of memory, for example.
};

/// True for a time limit of the session: there is nothing wrong with the peer.
constexpr bool is_time_limit(Fault fault) noexcept {
    return fault == Fault::session_too_long || fault == Fault::late_after_hangup;
}

}  // namespace costrix::agi::detail
