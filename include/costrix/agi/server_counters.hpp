// SPDX-License-Identifier: MIT
// What a FastAGIServer counts: the numbers to watch and to alert on.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstdint>

namespace costrix::inline COSTRIX_ABI::agi {

/// A snapshot of a FastAGIServer's counters; each counts from the server's construction on.
///
/// They are read one by one while calls go on, so two of them may differ by a call or so.
struct ServerCounters {
    std::uint64_t sessions = 0;     ///< Sessions at this moment.
    std::uint64_t event_loops = 0;  ///< Event loops: the threads of run(), or 1 on an executor.

    /// @name Connections
    /// @{
    std::uint64_t accepted = 0;           ///< Accepted, whatever became of them.
    std::uint64_t accept_errors = 0;      ///< Accepting failed: no descriptors, no memory, aborted.
    std::uint64_t overloads = 0;          ///< Times the server began to refuse new calls.
    std::uint64_t busy = 0;               ///< Calls given to Options::busy.
    std::uint64_t refused_address = 0;    ///< Not in Options::allow.
    std::uint64_t refused_per_peer = 0;   ///< Over Options::max_sessions_per_peer.
    std::uint64_t refused_path = 0;       ///< The path is over Options::max_path.
    std::uint64_t refused_no_route = 0;   ///< No handler is registered for the path.
    std::uint64_t regex_errors = 0;       ///< A pattern was too complex for a path: no match.
    std::uint64_t refused_admission = 0;  ///< Options::admission returned false, or threw.
    /// @}

    /// @name Environment
    /// @{
    std::uint64_t health_probes = 0;         ///< Connected and closed without sending a byte.
    std::uint64_t environment_cut = 0;       ///< Closed before the end of the environment.
    std::uint64_t environment_timeouts = 0;  ///< Over Options::environment_timeout.
    std::uint64_t environment_too_long = 0;  ///< Over one of its size limits.
    std::uint64_t environment_forged = 0;    ///< A newline in a value may pass for a line of it.
    std::uint64_t not_agi = 0;               ///< The connection began with something else.
    /// A PROXY header that is malformed, missing, or not from Options::proxy_protocol_from.
    std::uint64_t proxy_errors = 0;
    /// @}

    /// @name Conversation
    /// @{
    std::uint64_t commands = 0;                ///< Answered, in sessions that have ended.
    std::uint64_t reply_too_long = 0;          ///< Over Options::max_reply or max_reply_line.
    std::uint64_t not_a_reply = 0;             ///< Lines that answer no command.
    std::uint64_t write_backlog_exceeded = 0;  ///< Over Options::max_write_backlog.
    std::uint64_t peer_timeouts = 0;           ///< Over Options::peer_timeout: the host is gone.
    std::uint64_t session_timeouts = 0;        ///< Over Options::session_timeout.
    std::uint64_t after_hangup_timeouts = 0;   ///< Over Options::after_hangup_timeout.
    std::uint64_t internal_errors = 0;         ///< The server itself failed a session: no memory.
    /// @}

    /// @name How handlers ended
    /// @{
    std::uint64_t finished = 0;          ///< By returning, while the call lived.
    std::uint64_t hangups = 0;           ///< With the hangup, or after it.
    std::uint64_t handler_timeouts = 0;  ///< With an AGITimeout.
    std::uint64_t handler_failures = 0;  ///< With another exception.
    std::uint64_t cancelled = 0;         ///< By cancellation.
    /// Exceptions that left coroutines or completion handlers which a handler had started. Their
    /// calls go on.
    std::uint64_t stray_exceptions = 0;
    std::uint64_t observer_errors = 0;  ///< Exceptions that left Options::observer.
    /// @}

    /// @name Sessions after shutdown()
    /// @{
    std::uint64_t drained = 0;          ///< Ended by themselves.
    std::uint64_t drain_cancelled = 0;  ///< Cancelled at Options::drain_timeout.
    std::uint64_t abandoned = 0;        ///< Of these, still there after Options::cleanup_timeout.
    /// @}
};

}  // namespace costrix::inline COSTRIX_ABI::agi
