// SPDX-License-Identifier: MIT
// FastAGIServer: accepts Asterisk's connections and runs a handler for each.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/router.hpp>
#include <costrix/agi/server_counters.hpp>
#include <costrix/agi/server_options.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace costrix::agi {

/// A FastAGI server (pystrix: agi.FastAGIServer), with one coroutine for each call.
///
/// It listens from its construction on; calls are accepted by run(), serve_forever() or
/// handle_request(). An exception that leaves a handler is logged and ends that call's session,
/// nothing else. A path that no pattern matches is logged and closed.
/// Thread safety: shutdown(), port(), sessions(), counters() and the functions on handlers may be
/// called from any thread.
class FastAGIServer {
public:
    using Options = FastAGIServerOptions;

    /// Listens, on an io_context of its own: for run(). Throws std::system_error when it cannot
    /// listen there, or record in Options::record's directory, std::invalid_argument for a wrong
    /// entry in Options::allow or Options::record, and for a limit of 0 sessions.
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
    /// `threads` (at least 1): each has an io_context, listening sockets, and the calls that come
    /// in on these from beginning to end; nothing is shared between them on a call's way. So calls
    /// may run at the same time, and what your handlers share needs a lock. Limits on sessions are
    /// divided among the threads.
    /// A second signal ends it at once, with the calls that run. What became of the calls after
    /// shutdown() is logged, and in counters().
    /// Throws std::logic_error on a server that was given an executor, std::invalid_argument for no
    /// thread, std::system_error when it cannot listen once more for another thread.
    void run(std::size_t threads = 1);

    /// Accepts calls until shutdown(); completes when the last of them has ended.
    ///
    /// Throws std::logic_error while it, or handle_request(), goes on already.
    /// Cancellation (terminal): stops accepting and completes at once; sessions go on.
    [[nodiscard]] asio::awaitable<void> serve_forever();

    /// Accepts one call and completes when it has ended; false when none came within the timeout.
    ///
    /// Throws std::logic_error while it, or serve_forever(), goes on already.
    [[nodiscard]] asio::awaitable<bool> handle_request();

    /// Stops listening; the calls that run go on to their end. Harmless when repeated.
    ///
    /// Nobody who is connected already is turned away: connections that wait to be accepted are,
    /// and are served.
    void shutdown();

    /// The port that it listens on.
    std::uint16_t port() const noexcept;
    /// Calls that run at this moment.
    std::size_t sessions() const noexcept;
    /// What has been counted so far.
    ServerCounters counters() const noexcept;

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
