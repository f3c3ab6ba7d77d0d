// SPDX-License-Identifier: MIT
// What can be wrong with a peer or with a call.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstdint>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Why a session was closed before its handler returned.
enum class Fault : std::uint8_t {
    none,
    silent,                ///< Connected and closed without a byte: a health check.
    environment_cut,       ///< Closed before the end of the environment.
    environment_late,      ///< The environment was not complete in time.
    environment_too_long,  ///< Too many lines, a line too long, or too many bytes.
    environment_forged,    ///< A value holds a newline: one of its lines may pass for Asterisk's.
    not_agi,               ///< The first line is not an environment's.
    proxy_header,          ///< A proxy's header is missing, malformed or cut.
    unexpected_proxy_header,  ///< A peer that is not known as a proxy sent such a header.
    reply_too_long,
    not_a_reply,        ///< Lines that are no reply, or too many that answer nothing.
    not_reading,        ///< The peer takes no commands: the write backlog is over its limit.
    vanished,           ///< The peer's host stopped responding (keepalive, TCP_USER_TIMEOUT).
    session_too_long,   ///< The session's time limit passed.
    late_after_hangup,  ///< The handler ran too long after the hangup.
    internal,           ///< Not the peer's fault: out of memory, for example.
};

/// True for a time limit of the session: nothing is wrong with the peer.
constexpr bool is_time_limit(Fault fault) noexcept {
    return fault == Fault::session_too_long || fault == Fault::late_after_hangup;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
