// SPDX-License-Identifier: MIT
// What an AudioServer does: its sockets, its lines, its counters, and how it drains.
#pragma once

#include "audio_server/audio_routes.hpp"
#include "audio_server/audio_visitors.hpp"
#include "server/allow_list.hpp"
#include "server/call_executors.hpp"
#include "server/call_log.hpp"
#include "server/counters.hpp"
#include "server/listener.hpp"
#include "server/log_limiter.hpp"
#include "server/peer_table.hpp"

#include <costrix/agi/audio_server.hpp>
#include <costrix/asio.hpp>

#include <spdlog/fwd.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Outlives the AudioServer while lines last. Runs on an executor that is serial; each line runs on
/// one that is, too, and calls what says so here.
class AudioServerLoop : public std::enable_shared_from_this<AudioServerLoop> {
public:
    /// Listens. Throws as AudioServer's constructor.
    AudioServerLoop(
        asio::any_io_executor executor,
        CallExecutors executors,
        AudioServerOptions options
    );
    /// Lines take turns on these too: of io_contexts that one thread each runs, which have work
    /// until this has served. Before it serves.
    void add_executors(std::vector<asio::any_io_executor> executors);

    const AudioServerOptions& options() const noexcept { return options_; }
    const asio::any_io_executor& executor() const noexcept { return executor_; }
    AudioRoutes& routes() noexcept { return routes_; }
    spdlog::logger& logger() const noexcept { return *logger_; }
    std::uint16_t port() const { return listeners_.front()->endpoint().port(); }
    AudioServerCounters counters() const;  ///< Any thread.

    /// Accepts until shutdown(), then drains. nullopt when it was cancelled.
    asio::awaitable<std::optional<Drained>> serve();
    /// Any thread.
    void shutdown();
    /// Closes them, when nothing runs any more. The io_contexts may be destroyed then.
    void close();

private:
    using Clock = std::chrono::steady_clock;
    using Counted = std::uint64_t AudioServerCounters::*;

    bool on_accepted(Descriptor socket, const Peer& peer);
    asio::any_io_executor new_executor();
    void begin(Descriptor socket, const asio::ip::tcp::endpoint& peer);
    asio::awaitable<std::optional<Drained>> drain();
    void count(Counted counter, std::uint64_t number = 1);
    void
    refuse(Counted counter, const asio::ip::tcp::endpoint& peer, std::string_view why) noexcept;

    // On a line's executor:
    using Self = std::shared_ptr<AudioServerLoop>;
    using Visitor = std::shared_ptr<AudioVisitor>;
    class Ending;
    /// `seat`: the peer's, until the end.
    static asio::awaitable<void> visit(Self self, Visitor visitor, std::shared_ptr<void> seat);
    void leave(AudioVisitor& visitor) noexcept;
    void log_error(std::string_view whose, const std::exception_ptr& error) noexcept;
    template <class Event>
    void tell(Event event);
    asio::awaitable<void> run(AudioVisitor& visitor, AudioHandler handler, Uuid uuid);
    bool enter(const AudioVisitor& visitor, const Uuid& uuid, const AudioHandler& handler);

    const AudioServerOptions options_;
    const AllowList allow_;
    const std::shared_ptr<spdlog::logger> logger_;
    const std::shared_ptr<Counters> accepting_ = std::make_shared<Counters>();
    const CallExecutors executors_;
    const asio::any_io_executor base_executor_;  // the user's, or that of an own io_context
    const asio::any_io_executor executor_;
    std::vector<asio::any_io_executor>
        line_executors_;                       // the next is the first; if they are direct
    std::vector<asio::any_io_executor> work_;  // until it has served
    std::vector<std::shared_ptr<Listener>> listeners_;
    asio::steady_timer changed_;  // cancelled when serve() has something to look at
    AudioVisitors visitors_;
    std::uint64_t ended_before_ = 0;  // lines that had ended when shutdown() came
    bool serves_ = false, stopped_ = false;
    AudioRoutes routes_;
    PeerTable peers_;
    LogLimiter limiter_;
    mutable std::mutex mutex_;  // of what follows
    AudioServerCounters counters_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
