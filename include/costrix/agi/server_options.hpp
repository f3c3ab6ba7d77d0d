// SPDX-License-Identifier: MIT
// The options of a FastAGIServer: where it listens, who may call, and every limit.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/admission.hpp>
#include <costrix/agi/observer.hpp>
#include <costrix/agi/recording.hpp>
#include <costrix/agi/router.hpp>

#include <spdlog/fwd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

/// How many threads run an executor.
enum class Threads : std::uint8_t { one, many };

/// How the lines of a log are written: for people, or each as a JSON object.
enum class LogFormat : std::uint8_t { text, json };

/// The options of a FastAGIServer; every field has a sane default. docs/security.md lists the
/// limits, what happens at each, and the counter that counts it.
struct FastAGIServerOptions {
    /// Where to listen: "localhost" for both loopback addresses, "" for all addresses of the host,
    /// IPv4 and IPv6, or one address or host name.
    std::string interface = "localhost";
    /// TCP port; 0: the system chooses, see FastAGIServer::port().
    std::uint16_t port = 4573;
    /// Lets other processes of the same user listen on this port too (SO_REUSEPORT), so that a new
    /// one can start before the old one has drained. A Unix socket is taken over.
    bool reuse_port = false;
    /// The path of a Unix socket to listen on instead of a TCP port: for a proxy on this host,
    /// since Asterisk connects by TCP. Its file is removed at the end; one that a killed process
    /// left behind is replaced.
    std::string unix_socket = {};
    /// The permissions of its file, as for chmod(2): who may write may connect.
    unsigned unix_socket_mode = 0600;

    /// Who may connect: addresses and networks in CIDR notation, IPv4 and IPv6. Other connections
    /// are logged and closed. FastAGI has no other authentication. A peer on a Unix socket has no
    /// address and is always allowed.
    std::vector<std::string> allow = {"127.0.0.0/8", "::1"};
    /// Proxies that say, by the PROXY protocol (version 1 or 2), for whom they connect: addresses
    /// and networks as in `allow`, or "unix" for peers on a Unix socket. They must send the header,
    /// and nobody else may. The address in it then stands in `allow`'s place, in
    /// `max_sessions_per_peer`, the log and Request::peer; it is believed, so list only what you
    /// run yourself. A connection of the proxy's own, such as a health check, has its own address.
    std::vector<std::string> proxy_protocol_from = {};
    /// Asked before each call's handler runs: a function or a coroutine. If its result is false, or
    /// it throws, the connection is closed.
    Admission admission = nullptr;

    /// Maximum concurrent sessions (at least one per thread). If unset, derived from the limit on
    /// open files: RLIMIT_NOFILE less 64 and max_busy_sessions, but at least 16. At the limit new
    /// calls go to `busy`, or are refused until a tenth of the sessions has ended.
    std::optional<std::size_t> max_sessions = std::nullopt;
    /// A short call flow for calls over `max_sessions`. Without it they are refused.
    ScriptHandler busy = nullptr;
    /// Maximum concurrent sessions of `busy`; beyond it new calls are refused.
    std::size_t max_busy_sessions = 100;
    /// Maximum concurrent sessions per peer address. `nullopt`: no limit. Does not apply to a Unix
    /// socket.
    std::optional<std::size_t> max_sessions_per_peer = std::nullopt;

    /// How long calls may go on after shutdown(). `nullopt`: no limit. Then what the remaining
    /// handlers await is cancelled (terminal); they can still clean up.
    std::optional<std::chrono::milliseconds> drain_timeout = std::nullopt;
    /// How long cancelled calls may clean up. Those that remain are cancelled once more, and a
    /// second later the server stops waiting for them.
    std::optional<std::chrono::milliseconds> cleanup_timeout = std::chrono::seconds(10);
    /// Makes run() call shutdown() at SIGINT and SIGTERM; at a second one it returns at once, and
    /// the remaining calls end with it. run_server() always does.
    bool handle_signals = false;
    /// How long handle_request() waits for a request. `nullopt`: no limit.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    /// Where to log. Null: spdlog's default logger. Each call is one line at level info; the wire
    /// is logged at level trace.
    std::shared_ptr<spdlog::logger> logger = nullptr;
    /// With `json`, set a pattern such as `{"time": "%FT%T.%e%z", "level": "%l", "log": %v}`.
    LogFormat log_format = LogFormat::text;

    /// Learns of calls, commands, refusals and more as they happen (docs/guide.md). Null:
    /// nobody. observe_all() makes one of several.
    std::shared_ptr<Observer> observer = nullptr;
    /// Records calls to files (docs/testing.md). `nullopt` disables recording at no cost.
    std::optional<RecordingOptions> record = std::nullopt;

    /// Maximum number of lines in an environment block.
    std::size_t max_environment_lines = 256;
    /// Maximum length of one of these lines, in bytes.
    std::size_t max_environment_line = 8192;
    /// Maximum size of the environment block, in bytes.
    std::size_t max_environment = 65536;
    /// Maximum length of a script's path without its query string, in bytes. Bounds the input of
    /// the regular expressions.
    std::size_t max_path = 1024;
    /// Maximum size of a reply, in bytes.
    std::size_t max_reply = 65536;
    /// Maximum length of a line of a reply, in bytes.
    std::size_t max_reply_line = 65536;
    /// Maximum number of lines in a session that answer no command.
    std::size_t max_junk_lines = 100;
    /// Maximum number of bytes that wait to be sent to a peer that does not read.
    std::size_t max_write_backlog = 65536;

    /// How long the whole environment block may take to arrive.
    std::optional<std::chrono::milliseconds> environment_timeout = std::chrono::seconds(5);
    /// How long a session may take. `nullopt`: no limit. Then the running command throws
    /// AGITimeout, the connection is closed, and the handler is cancelled (terminal).
    std::optional<std::chrono::milliseconds> session_timeout = std::nullopt;
    /// How long a handler may go on after the hangup; then the same happens. Asterisk keeps the
    /// dead channel until the connection is closed. Does not apply to a call that was over before
    /// the session began (the h extension, a hangup handler).
    std::optional<std::chrono::milliseconds> after_hangup_timeout = std::chrono::seconds(60);
    /// How often to ask Asterisk whether the channel is hung up (CHANNEL(checkhangup), so
    /// func_channel must be loaded). `nullopt` or 0: never.
    ///
    /// With AGISIGHUP=no, Asterisk reports a hangup only in the reply to the next command. A
    /// handler that waits for something else, or that only calls Exec, would never learn of it, and
    /// Asterisk would keep the channel. With this it learns of it within twice the interval. A call
    /// that runs prompts is never checked, and a check never delays a command in flight: it is sent
    /// while none is, or before the next one. It costs each idle call one round trip per interval.
    std::optional<std::chrono::milliseconds> channel_check_interval = std::chrono::seconds(30);
    /// How long a peer's host may be silent before its connection is given up (TCP keepalive and
    /// TCP_USER_TIMEOUT; Asterisk sets neither). Rounded up to whole seconds, from 6 to 32,767
    /// (Linux's maximum).
    std::chrono::milliseconds peer_timeout = std::chrono::seconds(60);
};

}  // namespace costrix::inline COSTRIX_ABI::agi
