// SPDX-License-Identifier: MIT
// FastAGIServer: accepts Asterisk's connections and runs a handler for each.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/router.hpp>
#include <costrix/agi/server_counters.hpp>
#include <costrix/agi/server_options.hpp>
#include <costrix/asio.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi {

/// A FastAGI server (pystrix: agi.FastAGIServer) that runs one coroutine per call.
///
/// It listens from construction on; run(), serve_forever() and handle_request() accept calls. An
/// exception that leaves a handler is logged and ends that call only. A call whose path no pattern
/// matches is logged and closed.
///
/// Thread safety: shutdown(), port(), sessions(), counters() and the functions on handlers may be
/// called from any thread.
class FastAGIServer {
public:
    using Options = FastAGIServerOptions;

    /// Listens on an io_context of its own, for run().
    ///
    /// Throws std::system_error when it cannot listen, or cannot record in Options::record's
    /// directory; std::invalid_argument for an invalid entry in Options::allow or Options::record,
    /// and for a limit of 0 sessions.
    explicit FastAGIServer(Options options = {});
    /// Listens on an executor of yours, for serve_forever() and handle_request(). The executor's
    /// context must outlive the server. Each call runs on a strand of it, so it may have several
    /// threads.
    FastAGIServer(asio::any_io_executor executor, Options options);
    /// Stops listening. Calls on an io_context of its own end; on yours they go on.
    ~FastAGIServer();
    FastAGIServer(const FastAGIServer&) = delete;
    FastAGIServer& operator=(const FastAGIServer&) = delete;

    /// Serves until shutdown(), then until the calls of that moment have ended.
    ///
    /// Runs `threads` event loops (at least 1), each with its own io_context and listening sockets.
    /// A call stays on the loop that accepted it. Handlers run concurrently, so guard any state
    /// they share. Limits on sessions are divided among the threads. What became of the calls after
    /// shutdown() is logged, and counted in counters(). Signals are left alone, unless
    /// Options::handle_signals asks for them.
    ///
    /// Throws std::logic_error on a server that was given an executor, std::invalid_argument for 0
    /// threads, std::system_error when it cannot listen for a further thread.
    void run(std::size_t threads = 1);

    /// Accepts calls until shutdown(); completes when the last of them has ended.
    ///
    /// Throws std::logic_error while it or handle_request() is running already.
    /// Cancellation (terminal): stops accepting and completes at once; calls go on.
    [[nodiscard]] asio::awaitable<void> serve_forever();

    /// Accepts one call and completes when it has ended; false when none came within the timeout.
    ///
    /// Throws std::logic_error while it or serve_forever() is running already.
    [[nodiscard]] asio::awaitable<bool> handle_request();

    /// Stops listening; running calls go on to their end. May be repeated.
    ///
    /// No connection is lost: those that wait to be accepted are still served.
    void shutdown();

    /// The port it listens on.
    std::uint16_t port() const noexcept;
    /// The number of calls running now.
    std::size_t sessions() const noexcept;
    /// A snapshot of the counters.
    ServerCounters counters() const noexcept;

    /// As in Router.
    void register_script_handler(std::optional<std::string> pattern, ScriptHandler handler);
    void register_script_handler(const boost::regex& pattern, ScriptHandler handler);
    void set_default_handler(ScriptHandler handler);
    bool unregister_script_handler(std::string_view pattern);
    bool unregister_script_handler(const boost::regex& pattern);
    void clear_script_handlers();
    Router::Found get_script_handler(std::string_view path) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
