// SPDX-License-Identifier: MIT
// Accepting in bursts, backing off, draining and listening again.
#include "server/listener.hpp"

#include "platform/sockets.hpp"

#include <costrix/asio.hpp>

#include <spdlog/logger.h>

#include <algorithm>
#include <bit>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

// How many connections are accepted before other work has its turn. With one at a time, a burst of
// calls would wait in the kernel's queue for as many turns of the loop.
constexpr int kBurst = 64;
constexpr auto kBackOff = std::chrono::milliseconds(100);
// How long a handshake may take that is under way when draining begins; peers are near.
constexpr auto kHandshake = std::chrono::milliseconds(10);
constexpr std::size_t kShortQueue = 16;
constexpr std::size_t kLongQueue{asio::socket_base::max_listen_connections};

/// Errors of the one connection, not of accepting (accept(2)).
bool only_this_connection(error_code error) {
    return error == asio::error::connection_aborted || error == asio::error::interrupted ||
           error.value() == EPROTO;
}

}  // namespace

Listener::Listener(
    StreamAcceptor acceptor,
    std::shared_ptr<Counters> counters,
    std::shared_ptr<spdlog::logger> logger,
    SocketControl control
)
    : acceptor_(std::move(acceptor)), retry_(acceptor_.get_executor()),
      draining_(acceptor_.get_executor()),
      endpoint_(tcp_endpoint(acceptor_).value_or(asio::ip::tcp::endpoint())),
      counters_(std::move(counters)), logger_(std::move(logger)), queue_(kLongQueue),
      control_(control) {}

StreamAcceptor Listener::open_another(
    const asio::any_io_executor& executor,
    std::chrono::milliseconds peer_timeout
) {
    if (control_ != SocketControl::all)
        return duplicate(acceptor_, executor);
    // After binding, so that a port that another program listens on is still an error.
    acceptor_.set_option(ReusePort(true));
    return open_listening(executor, endpoint_, {true, peer_timeout});
}

void Listener::accept(OnAccepted on_accepted) {
    on_accepted_ = std::move(on_accepted);
    accepting_ = true;
    wait();
}

void Listener::stop() {
    accepting_ = false;
    error_code ignored;
    acceptor_.cancel(ignored);
    retry_.cancel();
}

void Listener::close() {
    state_ = State::closed;
    file_.remove();
    stop();
    draining_.cancel();
    error_code ignored;
    acceptor_.close(ignored);
    if (const auto done = std::exchange(done_, nullptr))
        done();
}

/// Harmless while it waits already: the handler of a wait that was cancelled may still be queued.
void Listener::wait() {
    if (waiting_ || !takes())
        return;
    // From memory of its own, so that running out of memory cannot stop it.
    acceptor_.async_wait(
        asio::socket_base::wait_read,
        asio::bind_allocator(
            std::pmr::polymorphic_allocator<std::byte>(&memory_),
            [self = shared_from_this()](error_code error) { self->on_ready(error); }
        )
    );
    waiting_ = true;
}

void Listener::on_ready(error_code error) {
    waiting_ = false;
    if (!takes())
        return;
    if (error == asio::error::operation_aborted) {
        wait();  // it was stopped and started again
        return;
    }
    for (int i = 0; i < kBurst; ++i) {
        const auto accepted = accept_one();
        if (accepted == Accepted::enough)
            return;
        if (accepted == Accepted::failed) {
            back_off(failure_);
            return;
        }
        if (accepted == Accepted::none)
            break;
    }
    wait();
}

Listener::Accepted Listener::accept_one() {
    asio::ip::tcp::endpoint peer;
    Descriptor socket = accept_connection(peer);
    failure_ = {socket ? 0 : errno, asio::error::get_system_category()};
    if (failure_ == asio::error::would_block)
        return Accepted::none;
    try {
        const bool tcp = peer.data()->sa_family != AF_UNIX;
        if (!failure_ && !on_accepted_(std::move(socket), tcp ? Peer(peer) : std::nullopt))
            stop();
    } catch (const std::bad_alloc&) {
        failure_ = asio::error::no_memory;
    } catch (const system_error& error) {  // epoll_ctl's, for one
        failure_ = error.code();
    }
    if (failure_) {
        counters_->add(&ServerCounters::accept_errors);
        return only_this_connection(failure_) ? Accepted::one : Accepted::failed;
    }
    if (std::exchange(troubled_, false))
        logger_->warn("accepting again");
    return takes() ? Accepted::one : Accepted::enough;
}

Descriptor Listener::accept_connection(asio::ip::tcp::endpoint& peer) {
    auto size = static_cast<socklen_t>(peer.capacity());
    return detail::accept_connection(acceptor_.native_handle(), peer.data(), &size);
}

/// Out of descriptors or memory: what waits in the queue would only wake us again at once.
void Listener::back_off(error_code error) {
    if (!std::exchange(troubled_, true))
        logger_->error("cannot accept: {}; trying again every 100 ms", error.message());
    retry_.expires_after(kBackOff);
    retry_.async_wait([self = shared_from_this()](error_code cancelled) {
        if (!cancelled)
            self->wait();
    });
}

// --- draining ------------------------------------------------------------------------------------

/// When the queue is full the kernel drops SYNs, which is better than to accept calls that nobody
/// will serve. In powers of two, since each change is a system call.
void Listener::set_room(std::size_t room) {
    if (!listening() || control_ == SocketControl::none)
        return;  // listen(2) would accept again
    if (room >= queue_ && (queue_ == kLongQueue || room < 4 * queue_))
        return;
    const auto wanted = std::bit_floor(std::clamp(room, kShortQueue, kLongQueue));
    error_code ignored;
    if (std::exchange(queue_, wanted) != wanted)
        acceptor_.listen(static_cast<int>(queue_), ignored);
}

void Listener::refuse() {
    if (state_ == State::open && control_ != SocketControl::all)
        stop_taking();
    else if (state_ == State::open)
        begin_draining(State::draining);
    else if (state_ == State::reopening)
        state_ = State::refusing;
}

void Listener::finish(std::function<void()> done) {
    done_ = std::move(done);
    file_.remove();
    const bool waiting = state_ == State::refusing && control_ != SocketControl::all;
    if ((state_ == State::open || waiting) && accepting_)
        begin_draining(State::closing);
    else if (state_ == State::draining)
        state_ = State::closing;
    else if (state_ != State::closing)
        close();
}

void Listener::begin_draining(State state) {
    state_ = state;
    const bool dropping = control_ != SocketControl::all || drop_handshakes(acceptor_, true);
    draining_.expires_after(dropping ? kHandshake : std::chrono::milliseconds(0));
    draining_.async_wait([self = shared_from_this()](error_code cancelled) {
        if (!cancelled)
            self->end_draining();
    });
}

void Listener::end_draining() {
    // Bounded for a kernel without such filters.
    for (std::size_t i = 0; takes() && i < 2 * kLongQueue; ++i) {
        if (accept_one() != Accepted::one)
            break;
    }
    if (state_ == State::closing) {
        close();
    } else if (state_ == State::draining) {
        stop_taking();
        stop_listening(acceptor_);
    }
}

void Listener::stop_taking() {
    error_code ignored;
    acceptor_.cancel(ignored);
    retry_.cancel();
    state_ = State::refusing;
}

void Listener::resume() {
    if (state_ == State::open || state_ == State::closing || state_ == State::closed)
        return;
    draining_.cancel();
    if (control_ == SocketControl::all)
        drop_handshakes(acceptor_, false);
    if (std::exchange(state_, State::open) == State::draining)
        return;  // it has never stopped accepting
    error_code error;
    if (control_ == SocketControl::all)
        acceptor_.listen(static_cast<int>(queue_), error);
    if (error) {
        state_ = State::reopening;
        if (!std::exchange(troubled_, true))
            logger_->error("cannot listen again: {}; trying every 100 ms", error.message());
        draining_.expires_after(kBackOff);
        draining_.async_wait([self = shared_from_this()](error_code cancelled) {
            if (!cancelled && self->state_ == State::reopening)
                self->resume();
        });
        return;
    }
    wait();
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
