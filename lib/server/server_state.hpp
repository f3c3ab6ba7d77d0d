// SPDX-License-Identifier: MIT
// What a FastAGIServer and its connections share: where it listens, who may call, when it is done.
#pragma once

#include "server/connection.hpp"
#include "server/listener.hpp"
#include "server/network.hpp"

#include <costrix/agi/fast_agi_server.hpp>

#include <asio/steady_timer.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

namespace costrix::agi::detail {

/// It outlives the FastAGIServer while calls run. All of it is used on its executor, unless it says
/// otherwise.
class ServerState final : public ConnectionHost, public std::enable_shared_from_this<ServerState> {
public:
    /// `strands`: sessions may run on several threads, so each gets a strand.
    ServerState(asio::any_io_executor sessions, bool strands, FastAGIServerOptions options);

    asio::any_io_executor executor() const { return executor_; }
    std::uint16_t port() const noexcept { return port_; }
    /// Any thread.
    std::size_t sessions() const noexcept { return active_.load(std::memory_order_relaxed); }
    /// Any thread.
    Router& handlers() noexcept { return router_; }

    asio::awaitable<void> serve();
    asio::awaitable<bool> handle_one();
    /// Any thread.
    void shutdown();
    /// On the server's executor, or when nothing runs on it.
    void close_listeners();

private:
    using Clock = std::chrono::steady_clock;
    static constexpr auto kNoEnd = static_cast<std::size_t>(-1);

    const Router& router() const noexcept override { return router_; }
    spdlog::logger& logger() const noexcept override { return *logger_; }
    const SessionLimits& limits() const noexcept override { return limits_; }
    void on_connection_ended(Connection& connection) noexcept override;

    asio::any_io_executor new_executor() const;
    void listen();
    [[noreturn]] void rethrow_with_address(std::exception_ptr failure) const;
    void accept(std::size_t wanted);
    void stop_accepting();
    bool take(Descriptor socket, const asio::ip::tcp::endpoint& peer);
    void cancel_connections();
    asio::awaitable<bool> drain();
    asio::awaitable<bool> change(Clock::time_point until);

    asio::any_io_executor sessions_executor_;
    bool strands_;
    asio::any_io_executor executor_;
    FastAGIServerOptions options_;
    SessionLimits limits_;
    AllowList allow_;
    std::shared_ptr<spdlog::logger> logger_;
    Router router_;
    std::vector<std::shared_ptr<Listener>> listeners_;
    asio::steady_timer changed_;  // cancelled when serve() or handle_one() has something to look at
    std::mutex mutex_;            // of the list, which connections leave on executors of their own
    std::list<std::weak_ptr<Connection>> connections_;
    std::atomic<std::size_t> active_ = 0;
    std::atomic<bool> awaited_ = false;  // somebody waits for sessions to end
    std::uint16_t port_ = 0;
    std::size_t wanted_ = 0;  // how many connections are to be accepted
    bool stopped_ = false;
};

}  // namespace costrix::agi::detail
