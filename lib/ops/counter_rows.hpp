// SPDX-License-Identifier: MIT
// The server's counters by family: the label of each, and what it tells in words.
#pragma once

#include <costrix/agi/server_counters.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::ops::detail {

struct CounterRow {
    std::string_view label;
    std::string_view words;
    std::uint64_t agi::ServerCounters::*count;
};

inline constexpr std::array kEnds{
    CounterRow{"returned", "the handler returned", &agi::ServerCounters::finished},
    CounterRow{"hung_up", "the caller hung up", &agi::ServerCounters::hangups},
    CounterRow{"timed_out", "the handler timed out", &agi::ServerCounters::handler_timeouts},
    CounterRow{"failed", "the handler failed", &agi::ServerCounters::handler_failures},
    CounterRow{"cancelled", "the handler was cancelled", &agi::ServerCounters::cancelled},
};

inline constexpr std::array kRefusals{
    CounterRow{"address", "address may not call", &agi::ServerCounters::refused_address},
    CounterRow{"per_peer", "too many calls of one address", &agi::ServerCounters::refused_per_peer},
    CounterRow{"path", "script path too long", &agi::ServerCounters::refused_path},
    CounterRow{"no_route", "no handler for the path", &agi::ServerCounters::refused_no_route},
    CounterRow{"admission", "not admitted", &agi::ServerCounters::refused_admission},
    CounterRow{
        "environment_cut",
        "connection closed before the environment was complete",
        &agi::ServerCounters::environment_cut},
    CounterRow{
        "environment_timeout",
        "environment took too long to arrive",
        &agi::ServerCounters::environment_timeouts},
    CounterRow{
        "environment_too_long",
        "environment over a limit",
        &agi::ServerCounters::environment_too_long},
    CounterRow{
        "environment_forged",
        "a newline in a value may forge a line",
        &agi::ServerCounters::environment_forged},
    CounterRow{"not_agi", "not AGI", &agi::ServerCounters::not_agi},
    CounterRow{
        "proxy_header",
        "a PROXY header that is wrong, missing, or from somebody else",
        &agi::ServerCounters::proxy_errors},
};

inline constexpr std::array kFaults{
    CounterRow{"reply_too_long", "a reply over a limit", &agi::ServerCounters::reply_too_long},
    CounterRow{"not_a_reply", "lines that answer no command", &agi::ServerCounters::not_a_reply},
    CounterRow{
        "write_backlog",
        "Asterisk does not read",
        &agi::ServerCounters::write_backlog_exceeded},
    CounterRow{"peer_timeout", "Asterisk's host is gone", &agi::ServerCounters::peer_timeouts},
    CounterRow{"session_timeout", "over session_timeout", &agi::ServerCounters::session_timeouts},
    CounterRow{
        "after_hangup_timeout",
        "over after_hangup_timeout",
        &agi::ServerCounters::after_hangup_timeouts},
    CounterRow{"internal", "the server's own fault", &agi::ServerCounters::internal_errors},
};

inline constexpr std::array kDrained{
    CounterRow{"ended", "ended by itself", &agi::ServerCounters::drained},
    CounterRow{"cancelled", "cancelled at drain_timeout", &agi::ServerCounters::drain_cancelled},
    CounterRow{"abandoned", "left behind", &agi::ServerCounters::abandoned},
};

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
