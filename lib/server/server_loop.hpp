// SPDX-License-Identifier: MIT
// A server on one event loop: where it listens, its connections, its counters, its end.
#pragma once

#include "server/connection.hpp"
#include "server/counters.hpp"
#include "server/listeners.hpp"
#include "server/policy.hpp"

#include <asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace costrix::agi::detail {

/// What became of the sessions after shutdown().
struct Drained {
    std::size_t finished = 0, cancelled = 0, abandoned = 0;
};

/// A server with several threads has one of these for each, and they share the policy and the
/// router only: each has listeners, connections and counters of its own.
///
/// It outlives the FastAGIServer while calls run. All of it is used on its executor, unless it says
/// otherwise.
class ServerLoop final : public ConnectionHost, public std::enable_shared_from_this<ServerLoop> {
public:
    /// `strands`: sessions may run on several threads, so each gets a strand.
    ServerLoop(asio::any_io_executor sessions, bool strands, std::shared_ptr<const Policy> policy);
    /// Another loop of the same server, with the same handlers; it listens on the same port.
    ServerLoop(asio::any_io_executor sessions, ServerLoop& first);
    /// Says which part of the server's limits is this loop's. Before it serves.
    void set_share(std::size_t index, std::size_t loops);

    asio::any_io_executor executor() const { return executor_; }
    std::uint16_t port() const noexcept { return listeners_.port(); }
    /// Any thread.
    std::size_t sessions() const noexcept { return counters_->get(&ServerCounters::sessions); }
    /// Shared by all loops. Any thread.
    Router& routes() noexcept { return *router_; }

    /// Nothing when it was cancelled: then it no longer accepts, and sessions go on.
    asio::awaitable<std::optional<Drained>> serve();
    asio::awaitable<bool> handle_one();
    /// Any thread.
    void shutdown();
    /// On the server's executor, or when nothing runs on it: at once.
    void close_listeners();

    Counters& counters() noexcept override { return *counters_; }
    const Policy& policy() const noexcept override { return *policy_; }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr auto kNoEnd = static_cast<std::size_t>(-1);

    const Router& router() const noexcept override { return *router_; }
    void on_connection_ended(Connection& connection) noexcept override;

    asio::any_io_executor new_executor() const;
    std::shared_ptr<Router> new_router() const;
    void prepare_transports();
    void accept(std::size_t wanted);
    bool take(Descriptor socket, const asio::ip::tcp::endpoint& peer);
    bool may_connect(const asio::ip::address& peer);
    void begin(Descriptor socket, const asio::ip::address& peer);
    void check_load();
    std::size_t low_water() const noexcept;
    void resume_calls();
    void look_again() noexcept;
    void cancel_connections();
    asio::awaitable<std::optional<Drained>> drain();
    asio::awaitable<bool> change(Clock::time_point until);
    bool handles_one();

    std::shared_ptr<const Policy> policy_;
    std::shared_ptr<Counters> counters_ = std::make_shared<Counters>();
    asio::any_io_executor sessions_executor_;
    bool strands_;
    asio::any_io_executor executor_;
    std::shared_ptr<Router> router_;
    Listeners listeners_;
    asio::steady_timer changed_;  // cancelled when serve() or handle_one() has something to look at
    std::mutex mutex_;            // of what follows: connections end on executors of their own
    boost::intrusive::list<Connection> connections_;
    const Connection* the_one_ = nullptr;  // that handle_one() has accepted, until it ends
    std::size_t most_ = 0;                 // of them since memory was given back
    std::atomic<std::size_t> busy_ = 0;    // sessions of Options::busy
    std::atomic<bool> awaited_ = false;    // somebody waits for sessions to end
    std::atomic<bool> refusing_ = false;
    std::size_t max_sessions_;      // of this loop, those of Options::busy aside
    std::size_t max_busy_;          // of this loop
    std::size_t begun_ = 0;         // sessions so far
    std::size_t ended_before_ = 0;  // sessions that had ended when it was shut down
    std::size_t wanted_ = 0;        // how many connections are to be accepted
    bool stopped_ = false;
    bool serving_ = false;  // serve() or handle_one() goes on
};

}  // namespace costrix::agi::detail
