// SPDX-License-Identifier: MIT
// Serving up to the limits, and draining.
#include "server/server_loop.hpp"

#include "transport/epoll_set.hpp"

#include <costrix/agi/detail/asio_compat.hpp>

#include <asio/dispatch.hpp>
#include <asio/io_context.hpp>
#include <asio/strand.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <malloc.h>
#include <spdlog/logger.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace costrix::agi::detail {
namespace {

using asio::ip::tcp;

/// When a time limit that begins now is over.
Deadline end_of(const std::optional<std::chrono::milliseconds>& limit) noexcept {
    return limit ? after(std::chrono::steady_clock::now(), *limit) : Deadline::max();
}

// How long calls may take to end when they are cancelled for the second time.
constexpr auto kLastRound = std::chrono::seconds(1);

/// glibc keeps what ended sessions leave, unless it is asked.
void return_free_memory() noexcept {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

/// One at a time: they share the timer that they wait by, and what is accepted.
class Serving {
public:
    explicit Serving(bool& going_on) : going_on_(going_on) {
        if (std::exchange(going_on_, true))
            throw std::logic_error("this server's calls are being accepted already");
    }
    ~Serving() { going_on_ = false; }
    Serving(const Serving&) = delete;
    Serving& operator=(const Serving&) = delete;

private:
    bool& going_on_;
};

}  // namespace

ServerLoop::ServerLoop(
    asio::any_io_executor sessions,
    bool strands,
    std::shared_ptr<const Policy> policy
)
    : policy_(std::move(policy)), sessions_executor_(std::move(sessions)), strands_(strands),
      executor_(new_executor()), router_(new_router()), listeners_(executor_, *policy_, counters_),
      changed_(executor_) {
    set_share(0, 1);
    prepare_transports();
    listeners_.open();
}

ServerLoop::ServerLoop(asio::any_io_executor sessions, ServerLoop& first)
    : policy_(first.policy_), sessions_executor_(std::move(sessions)), strands_(false),
      executor_(new_executor()), router_(first.router_), listeners_(executor_, *policy_, counters_),
      changed_(executor_) {
    prepare_transports();
    listeners_.open_beside(first.listeners_);
}

/// Opens the descriptors that the first connection would need, so that it cannot fail then.
void ServerLoop::prepare_transports() {
    asio::use_service<EpollSet>(executor_.context());
}

/// Limits are divided beforehand: to count together would mean to share.
void ServerLoop::set_share(std::size_t index, std::size_t loops) {
    const auto share = [&](std::size_t whole) {
        return whole / loops + (index < whole % loops ? 1 : 0);
    };
    max_sessions_ = std::max<std::size_t>(share(policy_->max_sessions()), 1);
    max_busy_ = share(policy_->max_busy_sessions());
}

std::shared_ptr<Router> ServerLoop::new_router() const {
    return std::make_shared<Router>([policy = policy_,
                                     counters = counters_](std::string_view what) {
        counters->add(&ServerCounters::patterns_gave_up);
        policy->log(&ServerCounters::patterns_gave_up, spdlog::level::warn, "{}", what);
    });
}

asio::any_io_executor ServerLoop::new_executor() const {
    if (strands_)
        return asio::make_strand(sessions_executor_);
    return sessions_executor_;
}

// --- serving -------------------------------------------------------------------------------------

asio::awaitable<std::optional<Drained>> ServerLoop::serve() {
    const auto self = shared_from_this();  // run() may leave this behind in its context
    const Serving serving(serving_);
    accept(kNoEnd);
    bool cancelled = false;
    while (!cancelled && !stopped_)
        cancelled = co_await change(Clock::time_point::max());
    if (!cancelled)
        co_return co_await drain();
    listeners_.stop();
    co_return std::nullopt;
}

asio::awaitable<bool> ServerLoop::handle_one() {
    const Serving serving(serving_);
    const auto& timeout = policy_->options().timeout;
    const auto deadline = end_of(timeout);
    accept(1);
    bool cancelled = false;
    while (!cancelled && !stopped_ && wanted_ > 0 && Clock::now() < deadline)
        cancelled = co_await change(deadline);
    const bool accepted = wanted_ == 0;
    listeners_.stop();
    awaited_ = true;
    while (!cancelled && accepted && handles_one())
        cancelled = co_await change(Clock::time_point::max());
    awaited_ = false;
    co_return accepted;
}

/// True while the call that handle_one() accepted goes on.
bool ServerLoop::handles_one() {
    std::lock_guard lock(mutex_);
    return the_one_ != nullptr;
}

/// Waits for the calls to end, cancels those that are still there at the deadline, and in the end
/// leaves those that do not heed it.
asio::awaitable<std::optional<Drained>> ServerLoop::drain() {
    const auto& options = policy_->options();
    auto deadline = end_of(options.drain_timeout);
    Drained result;
    bool cancelled = false;
    awaited_ = true;
    while (!cancelled && !listeners_.gone())
        cancelled = co_await change(Clock::time_point::max());
    int rounds = 0;  // the second one is for who missed the first: it could not be cancelled then
    while (!cancelled && sessions() > 0) {
        if (Clock::now() >= deadline) {
            if (++rounds > 2)
                break;
            if (rounds == 1)
                result.cancelled = sessions();
            cancel_connections();
            deadline =
                rounds == 1 ? end_of(options.cleanup_timeout) : after(Clock::now(), kLastRound);
        }
        cancelled = co_await change(deadline);
    }
    awaited_ = false;
    if (cancelled) {
        listeners_.stop();
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
        if (!std::exchange(self->stopped_, true))
            self->ended_before_ = self->begun_ - self->sessions();
        self->listeners_.finish([weak = self->weak_from_this()] {
            if (const auto loop = weak.lock())
                loop->changed_.cancel();
        });
        self->changed_.cancel();
    });
}

void ServerLoop::close_listeners() {
    stopped_ = true;
    listeners_.close();
    changed_.cancel();
}

void ServerLoop::accept(std::size_t wanted) {
    wanted_ = wanted;
    check_load();
    listeners_.accept([weak = weak_from_this()](Descriptor socket, const tcp::endpoint& peer) {
        const auto self = weak.lock();
        return self && self->take(std::move(socket), peer);
    });
}

/// Waits for shutdown(), the end of a session, or `until`; true when it was cancelled instead.
asio::awaitable<bool> ServerLoop::change(Clock::time_point until) {
    changed_.expires_at(until);
    co_await changed_.async_wait(as_tuple(asio::use_awaitable));
    const auto state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() != asio::cancellation_type::none;
}

// --- calls ---------------------------------------------------------------------------------------

/// False when no more connections are wanted.
bool ServerLoop::take(Descriptor socket, const tcp::endpoint& peer) {
    counters_->add(&ServerCounters::accepted);
    const auto address = unmapped(peer.address());
    if (!may_connect(address))
        return true;
    begin(std::move(socket), address);
    check_load();
    if (wanted_ != kNoEnd && --wanted_ == 0) {
        listeners_.stop();
        changed_.cancel();
        return false;
    }
    return true;
}

bool ServerLoop::may_connect(const asio::ip::address& peer) {
    Counter refused = nullptr;
    if (!policy_->allow().contains(peer))
        refused = &ServerCounters::refused_address;
    else if (auto* const peers = policy_->peers(); peers && !peers->enter(peer))
        refused = &ServerCounters::refused_per_peer;
    if (!refused)
        return true;
    counters_->add(refused);
    const bool stranger = refused == &ServerCounters::refused_address;
    policy_->log(
        refused,
        spdlog::level::warn,
        "{} {}: connection closed",
        peer.to_string(),
        stranger ? "may not call" : "has as many sessions as it may"
    );
    return false;
}

void ServerLoop::begin(Descriptor socket, const asio::ip::address& peer) {
    const bool busy = max_busy_ > 0 && sessions() - busy_ >= max_sessions_;
    std::shared_ptr<Connection> connection;
    try {
        using Executor = const asio::any_io_executor;
        auto executor = strands_ ? std::make_shared<Executor>(new_executor())
                                 : std::shared_ptr<Executor>(shared_from_this(), &executor_);
        connection = std::make_shared<Connection>(
            std::move(socket), std::move(executor), !strands_, shared_from_this(), peer, busy
        );
        std::lock_guard lock(mutex_);
        connections_.push_back(*connection);
        if (wanted_ != kNoEnd)
            the_one_ = connection.get();
        most_ = std::max(most_, connections_.size());
    } catch (...) {
        if (auto* const peers = policy_->peers())
            peers->leave(peer);
        throw;
    }
    ++begun_;
    counters_->add(&ServerCounters::sessions);
    if (busy) {
        ++busy_;
        counters_->add(&ServerCounters::busy);
    }
    if (!strands_) {
        connection->start();
        return;
    }
    const auto executor = connection->get_executor();
    asio::dispatch(executor, [connection] { connection->start(); });
}

/// At the limit new calls are refused, since that is what Asterisk understands: it takes the next
/// address of its list, or goes on in the dialplan, at once.
void ServerLoop::check_load() {
    const auto most = max_sessions_ + max_busy_;
    const auto now = sessions();
    listeners_.set_room(most - std::min(now, most));
    if (now < most || refusing_ || stopped_ || wanted_ != kNoEnd)
        return;
    refusing_ = true;
    counters_->add(&ServerCounters::overloads);
    policy_->log(
        &ServerCounters::overloads,
        spdlog::level::warn,
        "{} sessions at once: new calls are refused until a tenth of them has ended",
        now
    );
    listeners_.refuse();
    if (sessions() <= low_water())
        resume_calls();  // they have ended meanwhile, on other threads
}

std::size_t ServerLoop::low_water() const noexcept {
    const auto most = max_sessions_ + max_busy_;
    return most - std::max<std::size_t>(most / 10, 1);
}

void ServerLoop::resume_calls() {
    if (!refusing_.exchange(false) || stopped_)
        return;
    policy_->log(
        &ServerCounters::overloads,
        spdlog::level::warn,
        "{} sessions left: new calls are accepted again",
        sessions()
    );
    listeners_.resume();
}

void ServerLoop::on_connection_ended(Connection& connection) noexcept {
    constexpr std::size_t kBurst = 256;
    bool burst_over = false;
    {
        std::lock_guard lock(mutex_);
        connections_.erase(connections_.iterator_to(connection));
        if (the_one_ == &connection)
            the_one_ = nullptr;
        burst_over = most_ >= kBurst && connections_.size() <= most_ / 8;
        if (burst_over)
            most_ = connections_.size();
    }
    if (burst_over)
        return_free_memory();
    if (auto* const peers = policy_->peers())
        peers->leave(connection.peer());
    if (connection.busy())
        --busy_;
    counters_->subtract(&ServerCounters::sessions);
    if (awaited_ || (refusing_ && sessions() <= low_water()))
        look_again();
}

/// Any thread. Costs no memory where there are no strands; where it fails for want of it, the next
/// session's end is the next occasion.
void ServerLoop::look_again() noexcept {
    try {
        asio::dispatch(executor_, [self = shared_from_this()] {
            if (self->sessions() <= self->low_water())
                self->resume_calls();
            self->changed_.cancel();
        });
    } catch (const std::bad_alloc&) {
        counters_->add(&ServerCounters::internal_errors);
    }
}

void ServerLoop::cancel_connections() {
    std::vector<std::shared_ptr<Connection>> connections;  // the last reference goes unlocked
    {
        std::lock_guard lock(mutex_);
        connections.reserve(connections_.size());
        for (auto& listed : connections_) {
            if (auto connection = listed.weak_from_this().lock())
                connections.push_back(std::move(connection));
        }
    }
    for (auto& connection : connections) {
        const auto executor = connection->get_executor();
        asio::post(executor, [connection = std::move(connection)] { connection->cancel(); });
    }
}

}  // namespace costrix::agi::detail
