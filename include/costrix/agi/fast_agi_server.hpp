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
#include <vector>

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
    /// The name of the specification for FastAGIServerOptions.
    using Options = FastAGIServerOptions;
    /// An acceptor of yours: asio::ip::tcp::acceptor and asio::local::stream_protocol::acceptor
    /// convert to it.
    using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

    /// Listens on an io_context of its own, for run().
    ///
    /// If systemd has opened sockets for this process (LISTEN_FDS), the first server that is made
    /// serves them instead: those named "agi", or all if none is. Options::interface, port,
    /// unix_socket and reuse_port do not apply then.
    ///
    /// Throws std::system_error when it cannot listen, or cannot record in Options::record's
    /// directory; std::invalid_argument for an invalid entry in Options::allow or Options::record,
    /// and for a limit of 0 sessions.
    explicit FastAGIServer(Options options = {});
    /// Listens on an executor of yours, for serve_forever() and handle_request(). The executor's
    /// context must outlive the server.
    ///
    /// Asio does not tell how many threads run an executor. Unless you say that it is one, each
    /// call runs on a strand of its own, and each read is posted to it. On an executor that is a
    /// strand itself, of an io_context, a thread_pool or an any_io_executor, all calls run on that.
    FastAGIServer(asio::any_io_executor executor, Options options, Threads threads = Threads::many);
    /// Serves acceptors that you have opened and bound, and perhaps let listen, on the executor of
    /// the first one. Options::interface, port, unix_socket and reuse_port do not apply.
    ///
    /// The sockets may be shared with other processes, as those of a service manager are. So they
    /// are never shut down: connections over Options::max_sessions wait in the kernel's queue, and
    /// one that comes in just while the server ends is reset.
    ///
    /// Throws std::system_error for an acceptor that is not open or bound, std::invalid_argument
    /// when there is none, and as the other constructors.
    FastAGIServer(Acceptor acceptor, Options options, Threads threads = Threads::many);
    /// Several acceptors.
    FastAGIServer(
        std::vector<Acceptor> acceptors,
        Options options,
        Threads threads = Threads::many
    );
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
    /// Options::handle_signals asks for them. Where systemd has set NOTIFY_SOCKET, it is told when
    /// the server is ready and when it stops, and, if there is a watchdog, that every loop turns.
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

    /// The port it listens on; 0 on a Unix socket.
    std::uint16_t port() const noexcept;
    /// The number of calls running now.
    std::size_t sessions() const noexcept;
    /// A snapshot of the counters.
    ServerCounters counters() const noexcept;

    /// As in Router.
    void register_script_handler(std::optional<std::string> pattern, ScriptHandler handler);
    /// As in Router.
    void register_script_handler(const boost::regex& pattern, ScriptHandler handler);
    void set_default_handler(ScriptHandler handler);                ///< As in Router.
    bool unregister_script_handler(std::string_view pattern);       ///< As in Router.
    bool unregister_script_handler(const boost::regex& pattern);    ///< As in Router.
    void clear_script_handlers();                                   ///< As in Router.
    Router::Found get_script_handler(std::string_view path) const;  ///< As in Router.

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
