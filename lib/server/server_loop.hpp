// SPDX-License-Identifier: MIT
// A server on one event loop: its sockets, its calls, its counters, and how it drains.
#pragma once

#include "server/acceptor.hpp"
#include "server/call_executors.hpp"
#include "server/call_list.hpp"
#include "server/call_log.hpp"
#include "server/call_services.hpp"
#include "server/counters.hpp"
#include "server/listener.hpp"
#include "server/load_gate.hpp"
#include "server/open_listeners.hpp"
#include "server/server_context.hpp"

#include <costrix/asio.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// A server with several threads has one loop for each. Loops share the ServerContext, and each has
/// its own listening sockets, calls and counters.
///
/// Outlives the FastAGIServer while calls run. Used on its executor, except for what says
/// otherwise.
class ServerLoop final : public std::enable_shared_from_this<ServerLoop> {
public:
    /// Serves `acceptors`, or listens where the options say if there are none. Throws
    /// std::system_error when it cannot.
    ServerLoop(
        asio::any_io_executor executor,
        CallExecutors executors,
        std::shared_ptr<const ServerContext> context,
        std::vector<StreamAcceptor> acceptors = {}
    );
    /// Another loop of the same server, which listens on the same port or Unix socket.
    ServerLoop(asio::any_io_executor executor, ServerLoop& first);
    /// Sets this loop's share of the server's limits. Before it serves.
    void set_share(std::size_t index, std::size_t loops);

    const asio::any_io_executor& executor() const noexcept { return executor_; }
    std::uint16_t port() const { return listeners_.front()->endpoint().port(); }
    const std::shared_ptr<const ServerContext>& context() const noexcept { return context_; }
    const CallServices& services() const noexcept { return services_; }
    /// Any thread.
    std::size_t sessions() const noexcept { return counters_->get(&ServerCounters::sessions); }
    /// Any thread.
    Counters& counters() const noexcept { return *counters_; }
    ServerLog log() const noexcept { return {*context_, *counters_}; }

    /// Accepts calls until shutdown(), then drains. When cancelled, it stops accepting, its calls
    /// go on, and the result is nullopt.
    asio::awaitable<std::optional<Drained>> serve();
    /// Accepts one call and waits for its end; false when none came in time.
    asio::awaitable<bool> handle_one();
    /// Any thread.
    void shutdown();
    /// On the loop's executor, or at once when nothing runs on it.
    void close_listeners();

    /// Counts a session of the peer's; false if that was refused and logged. Any thread.
    bool may_call(const Peer& peer);
    /// A call is over. Once for each, on the call's executor.
    void on_call_closed(ServedCall& call) noexcept;

private:
    using Clock = std::chrono::steady_clock;
    static constexpr auto kNoEnd = static_cast<std::size_t>(-1);

    asio::any_io_executor new_executor() const;
    template <class Function>
    void each_listener(Function function) {
        for (const auto& listener : listeners_)
            function(*listener);
    }
    void accept(std::size_t number);
    bool on_accepted(Descriptor socket, const Peer& peer);
    void begin(Descriptor socket, const Peer& peer);
    void leave_peer(const Peer& peer) noexcept;
    void check_load();
    void recheck();
    std::shared_ptr<void> begin_serving();
    asio::awaitable<std::optional<Drained>> drain();

    std::shared_ptr<const ServerContext> context_;
    std::shared_ptr<Counters> counters_ = std::make_shared<Counters>();
    const CallServices services_{context_, context_->router, *counters_};
    asio::any_io_executor base_executor_;  // the user's, or that of an own io_context
    CallExecutors executors_;
    asio::any_io_executor executor_;
    Listeners listeners_;
    asio::steady_timer changed_;  // cancelled when serve() or handle_one() has something to look at
    CallList calls_;
    LoadGate gate_;
    std::atomic<bool> awaited_ = false;  // serve() or handle_one() waits for calls to end
    std::size_t begun_ = 0;              // calls so far
    std::size_t ended_before_ = 0;       // calls that had ended when shutdown() came
    std::size_t remaining_ = 0;          // how many more calls to accept
    bool stopped_ = false;
    std::weak_ptr<void> serving_;  // owned by serve() or handle_one() while it runs
};

/// A loop, and the io_context that it runs on; null on the user's executor.
struct OwnedLoop {
    std::unique_ptr<asio::io_context> context;
    std::shared_ptr<ServerLoop> loop;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
