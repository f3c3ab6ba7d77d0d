// SPDX-License-Identifier: MIT
// Accepting calls up to the limits, waiting for them, and draining.
#include "server/server_loop.hpp"

#include "server/wait_until.hpp"

#include <costrix/asio.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

// How long calls may take to end when they are cancelled for the second time.
constexpr auto kLastRound = std::chrono::seconds(1);

}  // namespace

ServerLoop::ServerLoop(
    asio::any_io_executor executor,
    CallExecutors executors,
    std::shared_ptr<const ServerContext> context,
    std::vector<StreamAcceptor> acceptors
)
    : context_(std::move(context)), base_executor_(std::move(executor)), executors_(executors),
      executor_(new_executor()),
      listeners_(open_listeners(executor_, *context_, counters_, std::move(acceptors))),
      changed_(executor_) {
    set_share(0, 1);
    prepare_transports(executor_.context());
}

ServerLoop::ServerLoop(asio::any_io_executor executor, ServerLoop& first)
    : context_(first.context_), base_executor_(std::move(executor)),
      executors_(CallExecutors::direct), executor_(new_executor()),
      listeners_(open_more_listeners(executor_, *context_, counters_, first.listeners_)),
      changed_(executor_) {
    prepare_transports(executor_.context());
}

/// Limits are divided beforehand: loops that counted together would share a cache line.
void ServerLoop::set_share(std::size_t index, std::size_t loops) {
    const auto share = [&](std::size_t whole) {
        return whole / loops + (index < whole % loops ? 1 : 0);
    };
    gate_.set_limits(share(context_->max_sessions), share(context_->max_busy_sessions));
}

asio::any_io_executor ServerLoop::new_executor() const {
    if (executors_ == CallExecutors::strands)
        return asio::make_strand(base_executor_);
    return base_executor_;
}

// --- serving -------------------------------------------------------------------------------------

asio::awaitable<std::optional<Drained>> ServerLoop::serve() {
    const auto self = shared_from_this();  // run() may leave this behind in its context
    const auto serving = begin_serving();
    accept(kNoEnd);
    bool cancelled = false;
    while (!cancelled && !stopped_)
        cancelled = co_await wait_until(changed_, Clock::time_point::max());
    if (!cancelled)
        co_return co_await drain();
    each_listener([](auto& listener) { listener.stop(); });
    co_return std::nullopt;
}

asio::awaitable<bool> ServerLoop::handle_one() {
    const auto serving = begin_serving();
    const auto deadline = end_of(context_->options.timeout);
    accept(1);
    bool cancelled = false;
    while (!cancelled && !stopped_ && remaining_ > 0 && Clock::now() < deadline)
        cancelled = co_await wait_until(changed_, deadline);
    const bool accepted = remaining_ == 0;
    each_listener([](auto& listener) { listener.stop(); });
    awaited_ = true;
    while (!cancelled && accepted && calls_.holds_awaited())
        cancelled = co_await wait_until(changed_, Clock::time_point::max());
    awaited_ = false;
    co_return accepted;
}

/// Lets serve() and handle_one() run one at a time, which keep the result meanwhile: they share a
/// timer, and what is accepted.
std::shared_ptr<void> ServerLoop::begin_serving() {
    if (!serving_.expired())
        throw std::logic_error("this server's calls are being accepted already");
    auto serving = std::make_shared<bool>();
    serving_ = serving;
    return serving;
}

/// Waits for the calls to end, cancels those that remain at the deadline, and finally leaves behind
/// those that ignore it.
asio::awaitable<std::optional<Drained>> ServerLoop::drain() {
    const auto& options = context_->options;
    auto deadline = end_of(options.drain_timeout);
    Drained result;
    bool cancelled = false;
    awaited_ = true;
    const auto open = [](const auto& listener) { return !listener->closed(); };
    while (!cancelled && std::any_of(listeners_.begin(), listeners_.end(), open))
        cancelled = co_await wait_until(changed_, Clock::time_point::max());
    int rounds = 0;  // the second is for handlers that could not be cancelled in the first
    while (!cancelled && sessions() > 0) {
        if (Clock::now() >= deadline) {
            if (++rounds > 2)
                break;
            if (rounds == 1)
                result.cancelled = sessions();
            calls_.cancel_all();
            deadline =
                rounds == 1 ? end_of(options.cleanup_timeout) : after(Clock::now(), kLastRound);
        }
        cancelled = co_await wait_until(changed_, deadline);
    }
    awaited_ = false;
    if (cancelled) {
        each_listener([](auto& listener) { listener.stop(); });
        co_return std::nullopt;
    }
    result.abandoned = sessions();
    result.finished = begun_ - ended_before_ - std::max(result.cancelled, result.abandoned);
    counters_->add(&ServerCounters::drained, result.finished);
    counters_->add(&ServerCounters::drain_cancelled, result.cancelled);
    counters_->add(&ServerCounters::abandoned, result.abandoned);
    co_return result;
}

void ServerLoop::shutdown() {
    asio::dispatch(executor_, [self = shared_from_this()] {
        if (!std::exchange(self->stopped_, true)) {
            self->ended_before_ = self->begun_ - self->sessions();
            self->log().drain(self->sessions());
        }
        self->each_listener([&self](auto& listener) {
            listener.finish([weak = self->weak_from_this()] {
                if (const auto loop = weak.lock())
                    loop->changed_.cancel();
            });
        });
        self->changed_.cancel();
    });
}

void ServerLoop::close_listeners() {
    stopped_ = true;
    each_listener([](auto& listener) { listener.close(); });
    changed_.cancel();
}

// --- calls ---------------------------------------------------------------------------------------

void ServerLoop::accept(std::size_t number) {
    remaining_ = number;
    check_load();
    each_listener([this](auto& listener) {
        listener.accept([weak = weak_from_this()](Descriptor socket, const Peer& peer) {
            const auto self = weak.lock();
            return self && self->on_accepted(std::move(socket), peer);
        });
    });
}

/// False when no more connections are wanted.
bool ServerLoop::on_accepted(Descriptor socket, const Peer& peer) {
    counters_->add(&ServerCounters::accepted);
    const auto from = peer ? Peer({unmapped(peer->address()), peer->port()}) : peer;
    const bool proxied = context_->proxies.contains(from);  // its header tells who calls
    if (!proxied && !may_call(from))
        return true;
    begin(std::move(socket), from);
    check_load();
    if (remaining_ == kNoEnd || --remaining_ > 0)
        return true;
    each_listener([](auto& listener) { listener.stop(); });
    changed_.cancel();
    return false;
}

/// Whoever may open a Unix socket's file may call; it has no address to count sessions of.
bool ServerLoop::may_call(const Peer& peer) {
    if (!peer)
        return true;
    const bool allowed = context_->allow.contains(peer->address());
    if (allowed && context_->peers.enter(peer->address()))
        return true;
    log().refused_peer(peer->address(), allowed);
    return false;
}

void ServerLoop::leave_peer(const Peer& peer) noexcept {
    if (peer)
        context_->peers.leave(peer->address());
}

void ServerLoop::begin(Descriptor socket, const Peer& peer) {
    const bool busy = gate_.next_is_busy(sessions());
    std::shared_ptr<ServedCall> call;
    try {
        using Executor = const asio::any_io_executor;
        auto executor = executors_ == CallExecutors::strands
                            ? std::make_shared<Executor>(new_executor())
                            : std::shared_ptr<Executor>(shared_from_this(), &executor_);
        const bool direct = executors_ == CallExecutors::direct;
        call = std::make_shared<ServedCall>(
            std::move(socket), std::move(executor), direct, shared_from_this(), peer, busy
        );
    } catch (...) {
        if (!context_->proxies.contains(peer))
            leave_peer(peer);
        throw;
    }
    calls_.add(*call, remaining_ != kNoEnd);
    ++begun_;
    counters_->add(&ServerCounters::sessions);
    if (busy) {
        gate_.enter_busy();
        counters_->add(&ServerCounters::busy);
    }
    if (executors_ == CallExecutors::strands)
        asio::dispatch(call->get_executor(), [call] { call->start(); });
    else
        call->start();
}

void ServerLoop::check_load() {
    const auto now = sessions();
    each_listener([room = gate_.room(now)](auto& listener) { listener.set_room(room); });
    if (stopped_ || remaining_ != kNoEnd || !gate_.close(now))
        return;
    each_listener([](auto& listener) { listener.refuse(); });
    log().overload(now);
    recheck();  // calls may have ended meanwhile, on other threads
}

/// Accepts new calls again when enough have ended.
void ServerLoop::recheck() {
    const auto now = sessions();
    if (!gate_.open(now) || stopped_)
        return;
    log().end_of_overload(now);
    each_listener([](auto& listener) { listener.resume(); });
}

void ServerLoop::on_call_closed(ServedCall& call) noexcept {
    calls_.remove(call);
    if (call.counted())
        leave_peer(call.request().peer);
    if (call.busy())
        gate_.leave_busy();
    counters_->subtract(&ServerCounters::sessions);
    if (!awaited_ && !gate_.can_open(sessions()))
        return;
    try {
        asio::dispatch(executor_, [self = shared_from_this()] {
            self->recheck();
            self->changed_.cancel();
        });
    } catch (const std::bad_alloc&) {  // the end of the next call is the next occasion
        counters_->add(&ServerCounters::internal_errors);
    }
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
