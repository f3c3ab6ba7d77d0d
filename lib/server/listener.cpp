// SPDX-License-Identifier: MIT
// Accepts until nothing waits, outlives the errors that accept() can give, and opens and closes.
#include "server/listener.hpp"

#include <spdlog/logger.h>

#include <algorithm>
#include <bit>

namespace costrix::agi::detail {
namespace {

// How many connections are taken before other work has its turn. With one at a time, a burst of
// calls would wait in the kernel's queue for as many turns of the loop.
constexpr int kBurst = 64;
constexpr auto kBackOff = std::chrono::milliseconds(100);
// A handshake that is under way when the door closes may take so long to end; a peer is near.
constexpr auto kHandshake = std::chrono::milliseconds(10);
constexpr std::size_t kShortQueue = 16;
constexpr std::size_t kLongQueue{asio::socket_base::max_listen_connections};

bool nothing_waits(std::error_code error) {
    return error == std::errc::operation_would_block ||
           error == std::errc::resource_unavailable_try_again;
}

/// Errors of the one connection, not of accepting (accept(2)).
bool only_this_connection(std::error_code error) {
    return error == std::errc::connection_aborted || error == std::errc::interrupted ||
           error == std::errc::protocol_error;
}

}  // namespace

Listener::Listener(
    asio::ip::tcp::acceptor acceptor,
    std::shared_ptr<Counters> counters,
    std::shared_ptr<spdlog::logger> logger
)
    : acceptor_(std::move(acceptor)), retry_(acceptor_.get_executor()),
      closing_(acceptor_.get_executor()), endpoint_(acceptor_.local_endpoint()),
      counters_(std::move(counters)), logger_(std::move(logger)), queue_(kLongQueue) {}

void Listener::accept(Take take) {
    take_ = std::move(take);
    accepting_ = true;
    if (takes())
        wait();
}

void Listener::stop() {
    accepting_ = false;
    std::error_code ignored;
    acceptor_.cancel(ignored);
    retry_.cancel();
}

void Listener::close() {
    door_ = Door::gone;
    stop();
    closing_.cancel();
    std::error_code ignored;
    acceptor_.close(ignored);
    if (const auto done = std::exchange(done_, nullptr))
        done();
}

/// Harmless when it waits already: one that was cancelled, or has come, may be still to be told.
void Listener::wait() {
    if (std::exchange(waiting_, true))
        return;
    acceptor_.async_wait(
        asio::socket_base::wait_read,
        Reserved(
            memory_, [self = shared_from_this()](std::error_code error) { self->on_ready(error); }
        )
    );
}

void Listener::on_ready(std::error_code error) {
    waiting_ = false;
    if (!takes())
        return;
    if (error == asio::error::operation_aborted) {
        wait();  // it was to stop, and then to go on after all
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
    failure_ = {socket ? 0 : errno, std::system_category()};
    if (nothing_waits(failure_))
        return Accepted::none;
    try {
        if (!failure_ && !take_(std::move(socket), peer))
            stop();
    } catch (const std::bad_alloc&) {
        failure_ = std::make_error_code(std::errc::not_enough_memory);
    }
    if (failure_) {
        counters_->add(&ServerCounters::accept_errors);
        return only_this_connection(failure_) ? Accepted::one : Accepted::failed;
    }
    if (std::exchange(troubled_, false))
        logger_->warn("accepting again");
    return accepting_ ? Accepted::one : Accepted::enough;
}

Descriptor Listener::accept_connection(asio::ip::tcp::endpoint& peer) {
    auto size = static_cast<socklen_t>(peer.capacity());
    return Descriptor(
        ::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)
    );
}

/// Out of descriptors or memory: what waits in the queue would only wake us again, at once.
void Listener::back_off(std::error_code error) {
    if (!std::exchange(troubled_, true))
        logger_->error("cannot accept: {}; trying again every 100 ms", error.message());
    retry_.expires_after(kBackOff);
    retry_.async_wait(Reserved(memory_, [self = shared_from_this()](std::error_code cancelled) {
        if (!cancelled && self->takes())
            self->wait();
    }));
}

// --- the door ------------------------------------------------------------------------------------

/// A full queue means that SYNs are dropped: better than to answer for nobody. In powers of two,
/// since each change is a system call.
void Listener::set_room(std::size_t room) {
    if (door_ != Door::open && door_ != Door::closing)
        return;  // listen(2) would open it
    if (room >= queue_ && (queue_ == kLongQueue || room < 4 * queue_))
        return;
    const auto wanted = std::bit_floor(std::clamp(room, kShortQueue, kLongQueue));
    if (wanted == queue_)
        return;
    queue_ = wanted;
    set_queue(acceptor_, static_cast<int>(queue_));
}

void Listener::refuse() {
    if (std::exchange(reopening_, false))
        closing_.cancel();
    if (door_ == Door::open)
        begin_closing();
}

void Listener::finish(std::function<void()> done) {
    done_ = std::move(done);
    for_good_ = true;
    if (door_ == Door::open && accepting_)
        begin_closing();
    else if (door_ != Door::closing)
        close();
}

void Listener::begin_closing() {
    door_ = Door::closing;
    drop_handshakes(acceptor_, true);
    closing_.expires_after(kHandshake);
    closing_.async_wait(Reserved(memory_, [self = shared_from_this()](std::error_code cancelled) {
        if (!cancelled && self->door_ == Door::closing)
            self->end_closing();
    }));
}

void Listener::end_closing() {
    // The bound is for a kernel that has no such filters.
    for (std::size_t i = 0; accepting_ && i < 2 * kLongQueue; ++i) {
        if (accept_one() != Accepted::one)
            break;
    }
    if (for_good_) {
        close();
        return;
    }
    std::error_code ignored;
    acceptor_.cancel(ignored);
    retry_.cancel();
    stop_listening(acceptor_);
    door_ = Door::shut;
}

void Listener::resume() {
    if (door_ == Door::open || door_ == Door::gone)
        return;
    drop_handshakes(acceptor_, false);
    closing_.cancel();
    reopening_ = false;
    if (std::exchange(door_, Door::open) == Door::closing)
        return;  // it has never stopped accepting
    if (const auto error = listen_again(acceptor_, static_cast<int>(queue_))) {
        door_ = Door::shut;
        if (!std::exchange(troubled_, true))
            logger_->error("cannot listen again: {}; trying every 100 ms", error.message());
        reopen_later();
        return;
    }
    if (accepting_)
        wait();
}

void Listener::reopen_later() {
    reopening_ = true;
    closing_.expires_after(kBackOff);
    closing_.async_wait(Reserved(memory_, [self = shared_from_this()](std::error_code cancelled) {
        if (!cancelled && self->reopening_)  // refuse() may have come meanwhile
            self->resume();
    }));
}

}  // namespace costrix::agi::detail
