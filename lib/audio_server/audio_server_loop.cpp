// SPDX-License-Identifier: MIT
// Accepting AudioSocket connections up to the limits, running their handlers, and draining.
#include "audio_server/audio_server_loop.hpp"

#include "call/handler_end.hpp"
#include "server/listening_socket.hpp"
#include "server/wait_until.hpp"
#include "transport/socket_transport.hpp"

#include <costrix/agi/protocol/printable.hpp>

#include <spdlog/logger.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

using asio::ip::tcp;
using Count = AudioServerCounters;

constexpr auto kLook = std::chrono::seconds(1);

void check_limits(const AudioServerOptions& options) {
    if (options.max_lines == 0 || options.max_unidentified == 0 ||
        options.max_connections_per_peer == 0U)
        throw std::invalid_argument("AudioServer: a limit of 0 connections");
}

std::vector<StreamAcceptor>
open_acceptors(const asio::any_io_executor& executor, const AudioServerOptions& options) {
    FastAGIServerOptions where;
    where.interface = options.interface;
    where.port = options.port;
    where.peer_timeout = options.peer_timeout;
    return listen_on_interface(executor, where);
}

}  // namespace

AudioServerLoop::AudioServerLoop(
    asio::any_io_executor executor,
    CallExecutors executors,
    AudioServerOptions options
)
    : options_(std::move(options)), allow_(options_.allow),
      logger_(options_.logger ? options_.logger : spdlog::default_logger()), executors_(executors),
      base_executor_(std::move(executor)),
      executor_(
          executors == CallExecutors::strands
              ? asio::any_io_executor(asio::make_strand(base_executor_))
              : base_executor_
      ),
      line_executors_{base_executor_}, changed_(executor_), visitors_(options_.max_unidentified),
      peers_(options_.max_connections_per_peer) {
    check_limits(options_);
    for (auto& acceptor : open_acceptors(executor_, options_))
        listeners_.push_back(std::make_shared<Listener>(std::move(acceptor), accepting_, logger_));
    prepare_transports(executor_.context());
}

void AudioServerLoop::add_executors(std::vector<asio::any_io_executor> executors) {
    for (auto& executor : executors) {
        prepare_transports(executor.context());
        work_.push_back(asio::prefer(executor, asio::execution::outstanding_work.tracked));
        line_executors_.push_back(std::move(executor));
    }
}

void AudioServerLoop::count(Counted counter, std::uint64_t number) {
    std::lock_guard lock(mutex_);
    counters_.*counter += number;
}

AudioServerCounters AudioServerLoop::counters() const {
    std::lock_guard lock(mutex_);
    auto counters = counters_;
    counters.accept_errors = accepting_->get(&ServerCounters::accept_errors);
    return counters;
}

void AudioServerLoop::refuse(
    Counted counter,
    const tcp::endpoint& peer,
    std::string_view why
) noexcept {
    count(counter);
    try {
        if (const auto left_out = limiter_.admit(&ServerCounters::refused_address))
            logger_->warn(
                "audio from {}: {} ({} such lines left out)",
                peer.address().to_string(),
                why,
                *left_out
            );
    } catch (...) {  // out of memory: it is counted
    }
}

void AudioServerLoop::log_error(std::string_view whose, const std::exception_ptr& error) noexcept {
    try {
        logger_->error("audio{}: {}", whose, printable(describe(error)));
    } catch (...) {  // out of memory: there is nothing to report it with
    }
}

// --- serving -------------------------------------------------------------------------------------

asio::awaitable<std::optional<Drained>> AudioServerLoop::serve() {
    const auto self = shared_from_this();
    if (std::exchange(serves_, true))
        throw std::logic_error("this AudioServer has served already");
    const std::shared_ptr<void> end(nullptr, [self](void*) { self->work_.clear(); });
    for (const auto& listener : listeners_) {
        listener->accept([weak = weak_from_this()](Descriptor socket, const Peer& peer) {
            const auto loop = weak.lock();
            return loop && loop->on_accepted(std::move(socket), peer);
        });
    }
    bool cancelled = false;
    while (!cancelled && !stopped_)
        cancelled = co_await wait_until(changed_, Clock::time_point::max());
    if (!cancelled)
        co_return co_await drain();
    for (const auto& listener : listeners_)
        listener->stop();
    co_return std::nullopt;
}

/// Waits for the connections to end, cancels those that remain at the deadline, and leaves behind
/// those that ignore it. Looks at them every second too: leave() cannot tell without memory.
asio::awaitable<std::optional<Drained>> AudioServerLoop::drain() {
    const auto closed = [](const auto& listener) { return listener->closed(); };
    bool given_up = false;
    while (!given_up && !std::all_of(listeners_.begin(), listeners_.end(), closed))
        given_up = co_await wait_until(changed_, Clock::time_point::max());
    Drained result;
    auto deadline = end_of(options_.drain_timeout);
    for (bool last = false; !given_up && !visitors_.empty();) {
        if (Clock::now() >= deadline) {
            if (std::exchange(last, true))
                break;
            result.cancelled = counters().lines;
            visitors_.cancel_all();
            deadline = end_of(options_.cleanup_timeout);
        }
        const auto look = after(Clock::now(), kLook);
        given_up = co_await wait_until(changed_, std::min(deadline, look));
    }
    if (given_up)
        co_return std::nullopt;
    const auto now = counters();
    const auto lines = now.connected - ended_before_;
    result.abandoned = now.lines;
    result.finished = lines - std::max(result.cancelled, result.abandoned);
    count(&Count::drained, result.finished);
    count(&Count::drain_cancelled, result.cancelled);
    count(&Count::abandoned, result.abandoned);
    logger_->info(
        "audio: of {} lines, {} were cancelled and {} left behind",
        lines,
        result.cancelled,
        result.abandoned
    );
    co_return result;
}

void AudioServerLoop::shutdown() {
    asio::dispatch(executor_, [self = shared_from_this()] {
        if (!std::exchange(self->stopped_, true)) {
            const auto now = self->counters();
            self->ended_before_ = now.connected - now.lines;
        }
        for (const auto& listener : self->listeners_) {
            listener->finish([weak = self->weak_from_this()] {
                if (const auto loop = weak.lock())
                    loop->changed_.cancel();
            });
        }
        self->changed_.cancel();
    });
}

void AudioServerLoop::close() {
    for (const auto& listener : listeners_)
        listener->close();
    work_.clear();
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
