// SPDX-License-Identifier: MIT
// How a FastAGIServer is set up: where it listens, who may call, and every limit.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/recording.hpp>
#include <costrix/agi/router.hpp>

#include <asio/ip/address.hpp>
#include <spdlog/fwd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace costrix::agi {

/// Who asks to be served, and for what; nothing in it survives the admission's call.
struct AdmissionRequest {
    const asio::ip::address& address;  ///< Of the peer that connected: Asterisk's.
    const Environment& environment;
    const Request& request;
};

/// Says whether a call may be served. It must not block: what has to wait belongs in the handler.
using Admission = std::function<bool(const AdmissionRequest&)>;

/// How a FastAGIServer is set up; every field has a sane default. docs/security.md has the limits
/// in a table, with what happens at each and what counts it.
struct FastAGIServerOptions {
    /// Where to listen: "localhost" for both loopback addresses, "" for every address of the
    /// host, IPv4 and IPv6, or one address or host name.
    std::string interface = "localhost";
    /// TCP port; 0 lets the system choose, see FastAGIServer::port().
    std::uint16_t port = 4573;
    /// Lets other servers of the same user listen on this port at the same time (SO_REUSEPORT): a
    /// new process can start before the old one has drained.
    bool reuse_port = false;

    /// Who may call: addresses and networks in CIDR notation, IPv4 and IPv6. Anybody else's
    /// connection is logged and closed. FastAGI has no other authentication.
    std::vector<std::string> allow = {"127.0.0.0/8", "::1"};
    /// Asked for each call before its handler runs, on the call's executor, possibly on several
    /// threads at once. False, or an exception, closes the connection.
    Admission admission = nullptr;

    /// Most sessions at once, at least one for each thread; nothing is what the limit of open
    /// files leaves (RLIMIT_NOFILE less 64 and the sessions of `busy`, but 16 at least). Then new
    /// calls are refused until a tenth of them has ended, or given to `busy`.
    std::optional<std::size_t> max_sessions = std::nullopt;
    /// What calls over `max_sessions` get instead of being refused: a short call flow.
    ScriptHandler busy = nullptr;
    /// Most sessions of `busy` at once; then new calls are refused.
    std::size_t max_busy_sessions = 100;
    /// Most sessions at once of one peer address; nothing is no limit.
    std::optional<std::size_t> max_sessions_per_peer = std::nullopt;

    /// How long calls may go on after shutdown(); nullopt: no limit. What the handlers of those
    /// that are left await then is cancelled (terminal); they can still clean up.
    std::optional<std::chrono::milliseconds> drain_timeout = std::nullopt;
    /// How long cancelled calls may clean up. Those that are left then are cancelled once more, and
    /// a second later the server no longer waits for them.
    std::optional<std::chrono::milliseconds> cleanup_timeout = std::chrono::seconds(10);
    /// How long handle_request() waits for a request; nothing is for ever.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    /// Where to log; nothing is spdlog's default logger. A call is one line at info, the wire is
    /// logged at trace.
    std::shared_ptr<spdlog::logger> logger = nullptr;

    /// Records calls to files (docs/testing.md); nothing is off, and costs nothing.
    std::optional<RecordingOptions> record = std::nullopt;

    /// Most lines of an environment block.
    std::size_t max_environment_lines = 256;
    /// Most bytes of a line of it.
    std::size_t max_environment_line = 8192;
    /// Most bytes of it.
    std::size_t max_environment = 65536;
    /// Most bytes of a script's path, the query string aside. It bounds what a regular expression
    /// has to look at.
    std::size_t max_path = 1024;
    /// Most bytes of a reply.
    std::size_t max_reply = 65536;
    /// Most bytes of a line of it.
    std::size_t max_reply_line = 65536;
    /// Most lines in a session that answer no command.
    std::size_t max_junk_lines = 100;
    /// Most bytes that wait to be sent to a peer that does not read.
    std::size_t max_write_backlog = 65536;

    /// How long the environment block may take to arrive, all of it.
    std::optional<std::chrono::milliseconds> environment_timeout = std::chrono::seconds(5);
    /// How long a session may take; nothing is for ever. Then the command that runs throws
    /// AGITimeout, the connection is closed, and the handler is cancelled (terminal).
    std::optional<std::chrono::milliseconds> session_timeout = std::nullopt;
    /// How long a handler may go on after the hangup; then the same happens. Until the connection
    /// is closed, Asterisk keeps the dead channel. Does not apply to a call that was over before
    /// the session began (the h extension, a hangup handler).
    std::optional<std::chrono::milliseconds> after_hangup_timeout = std::chrono::seconds(60);
    /// How often to ask Asterisk whether the channel is hung up (CHANNEL(checkhangup), so
    /// func_channel must be loaded); nullopt or 0: never.
    ///
    /// With AGISIGHUP=no, Asterisk reports a hangup only in the reply to the next command. A
    /// handler that waits for something else, or that only calls Exec, would never learn of it, and
    /// Asterisk would keep the channel. With this it learns of it within twice this time. A call
    /// that runs prompts is never asked, and a check never delays a command that is in flight: it
    /// is sent while none is, or before the next one. The cost is one round trip per interval for
    /// each call that is idle.
    std::optional<std::chrono::milliseconds> channel_check_interval = std::chrono::seconds(30);
    /// After how long without a sign of life a peer's host is given up (TCP keepalive and
    /// TCP_USER_TIMEOUT; Asterisk sets neither). Rounded up to whole seconds: 6 of them at least,
    /// 32,767 (what Linux takes) at most.
    std::chrono::milliseconds peer_timeout = std::chrono::seconds(60);
};

}  // namespace costrix::agi
