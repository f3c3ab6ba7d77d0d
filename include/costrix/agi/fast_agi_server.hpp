// SPDX-License-Identifier: MIT
// FastAGIServer: accepts Asterisk's connections and runs a handler for each.
#pragma once

#include <costrix/agi/router.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <spdlog/fwd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::agi {

/// How a FastAGIServer is set up; every field has a sane default.
struct FastAGIServerOptions {
    /// Where to listen: "localhost" for both loopback addresses, "" for every address of the
    /// host, IPv4 and IPv6, or one address or host name.
    std::string interface = "localhost";
    /// TCP port; 0 lets the system choose, see FastAGIServer::port().
    std::uint16_t port = 4573;
    /// Who may call: addresses and networks in CIDR notation, IPv4 and IPv6. Anybody else's
    /// connection is logged and closed. FastAGI has no other authentication.
    std::vector<std::string> allow = {"127.0.0.0/8", "::1"};
    /// How long calls may go on after shutdown(); nothing is for ever. Those that are left then
    /// are cancelled (terminal), and can still clean up.
    std::optional<std::chrono::milliseconds> drain_timeout = std::nullopt;
    /// How long handle_request() waits for a request; nothing is for ever.
    std::optional<std::chrono::milliseconds> timeout = std::nullopt;
    /// Where to log; nothing is spdlog's default logger. A call is one line at info, the wire is
    /// logged at trace.
    std::shared_ptr<spdlog::logger> logger = nullptr;
    /// Most lines of an environment block.
    std::size_t max_environment_lines = 256;
    /// Most bytes of a line of it.
    std::size_t max_environment_line = 8192;
    /// Most bytes of it.
    std::size_t max_environment = 65536;
    /// Most bytes of a reply.
    std::size_t max_reply = 65536;
    /// How long the environment block may take to arrive.
    std::optional<std::chrono::milliseconds> environment_timeout = std::chrono::seconds(5);
    /// How long a session may take; nothing is for ever. Then the command that runs throws
    /// AGITimeout, the connection is closed, and the handler is cancelled (terminal).
    std::optional<std::chrono::milliseconds> session_timeout = std::nullopt;
    /// How long a handler may go on after the hangup; then the same happens. Until the connection
    /// is closed, Asterisk keeps the dead channel.
    std::optional<std::chrono::milliseconds> after_hangup_timeout = std::chrono::seconds(60);
};

/// A FastAGI server (pystrix: agi.FastAGIServer), with one coroutine for each call.
///
/// It listens from its construction on; calls are accepted by run(), serve_forever() or
/// handle_request(). An exception that leaves a handler is logged and ends that call's session,
/// nothing else. A path that no pattern matches is logged and closed.
/// Thread safety: shutdown(), port() and the functions on handlers may be called from any thread.
class FastAGIServer {
public:
    using Options = FastAGIServerOptions;

    /// Listens, on an io_context of its own: for run(). Throws std::system_error when it cannot
    /// listen there, std::invalid_argument for a wrong entry in Options::allow.
    explicit FastAGIServer(Options options = {});
    /// Listens, on an executor of yours, which must outlive the server: for serve_forever() and
    /// handle_request(). Each session runs on a strand of it, so it may have several threads.
    FastAGIServer(asio::any_io_executor executor, Options options);
    /// Stops listening; sessions of an own io_context end.
    ~FastAGIServer();
    FastAGIServer(const FastAGIServer&) = delete;
    FastAGIServer& operator=(const FastAGIServer&) = delete;

    /// Serves until SIGINT, SIGTERM or shutdown(), and until the calls of that moment have ended.
    ///
    /// A second signal ends it at once, with the calls that run.
    /// Throws std::logic_error on a server that was given an executor.
    void run();

    /// Accepts calls until shutdown(); completes when the last of them has ended.
    ///
    /// Cancellation (terminal): stops accepting and completes at once; sessions go on.
    [[nodiscard]] asio::awaitable<void> serve_forever();

    /// Accepts one call and completes when it has ended; false when none came within the timeout.
    [[nodiscard]] asio::awaitable<bool> handle_request();

    /// Stops listening; the calls that run go on to their end. Harmless when repeated.
    void shutdown();

    /// The port that it listens on.
    std::uint16_t port() const noexcept;
    /// Calls that run at this moment.
    std::size_t sessions() const noexcept;

    /// See Router, which these are of.
    void register_script_handler(std::optional<std::string> pattern, ScriptHandler handler);
    void register_script_handler(const boost::regex& pattern, ScriptHandler handler);
    bool unregister_script_handler(std::string_view pattern);
    bool unregister_script_handler(const boost::regex& pattern);
    void clear_script_handlers();
    Router::Found get_script_handler(std::string_view path) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace costrix::agi
