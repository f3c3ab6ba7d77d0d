// SPDX-License-Identifier: MIT
// The connections of an AudioServer: who may come in, and how each handler is run.
#include "audio/audio_connection.hpp"
#include "audio_server/audio_server_loop.hpp"

#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/asio.hpp>

#include <spdlog/logger.h>

#include <algorithm>
#include <exception>
#include <new>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

using asio::ip::tcp;
using Count = AudioServerCounters;

/// Counts one less when it is destroyed.
class LeaveAtEnd {
public:
    LeaveAtEnd(std::mutex& mutex, std::uint64_t& number) noexcept
        : mutex_(mutex), number_(number) {}
    LeaveAtEnd(const LeaveAtEnd&) = delete;
    LeaveAtEnd& operator=(const LeaveAtEnd&) = delete;
    ~LeaveAtEnd() {
        std::lock_guard lock(mutex_);
        --number_;
    }

private:
    std::mutex& mutex_;
    std::uint64_t& number_;
};

}  // namespace

/// The completion of a connection's coroutine; removes the connection, also when the coroutine is
/// destroyed where it waits: there was no memory to start or to resume it, or its execution context
/// is being destroyed.
class AudioServerLoop::Ending {
public:
    Ending(Self loop, Visitor visitor) noexcept
        : loop_(std::move(loop)), visitor_(std::move(visitor)) {}
    Ending(Ending&&) noexcept = default;
    Ending& operator=(Ending&&) = delete;
    ~Ending() {
        if (loop_)
            loop_->visitors_.leave(*visitor_);
    }

    void operator()(const std::exception_ptr& error) noexcept {
        if (error && !visitor_->cancelled())
            loop_->log_error("", error);
        std::exchange(loop_, nullptr)->leave(*visitor_);
    }

private:
    Self loop_;
    Visitor visitor_;
};

bool AudioServerLoop::on_accepted(Descriptor socket, const Peer& peer) {
    count(&Count::accepted);
    const tcp::endpoint from(unmapped(peer->address()), peer->port());
    if (!allow_.contains(from.address()))
        refuse(&Count::refused_address, from, "not allowed");
    else if (!peers_.enter(from.address()))
        refuse(&Count::refused_per_peer, from, "it has as many connections as it may");
    else
        begin(std::move(socket), *peer);
    return true;
}

asio::any_io_executor AudioServerLoop::new_executor() {
    if (executors_ == CallExecutors::strands)
        return asio::make_strand(base_executor_);
    std::rotate(line_executors_.begin(), line_executors_.begin() + 1, line_executors_.end());
    return line_executors_.front();
}

void AudioServerLoop::begin(Descriptor socket, const tcp::endpoint& peer) {
    const auto self = shared_from_this();
    const auto leave = [self, address = unmapped(peer.address())](void*) {
        self->peers_.leave(address);
    };
    const std::shared_ptr<void> seat(nullptr, leave);
    const auto executor = new_executor();
    const bool direct = executors_ == CallExecutors::direct;
    const auto visitor = std::make_shared<AudioVisitor>(std::move(socket), peer, executor, direct);
    auto work = visit(self, visitor, seat);
    const auto oldest = visitors_.enter(*visitor);
    Ending done(self, visitor);
    if (oldest) {
        oldest->abandon();
        refuse(&Count::too_many, oldest->peer(), "too many have not identified themselves");
    }
    asio::co_spawn(
        executor, std::move(work), asio::bind_cancellation_slot(visitor->slot(), std::move(done))
    );
}

void AudioServerLoop::leave(AudioVisitor& visitor) noexcept {
    visitors_.leave(visitor);
    try {
        asio::dispatch(executor_, [self = shared_from_this()] {
            if (self->stopped_)
                self->changed_.cancel();
        });
    } catch (const std::bad_alloc&) {  // drain() looks again
    }
}

asio::awaitable<void>
AudioServerLoop::visit(Self self, Visitor visitor, std::shared_ptr<void> /*seat*/) {
    const auto uuid = co_await visitor->identify(self->options_.identify_timeout);
    const bool expected = self->visitors_.leave_unidentified(*visitor);
    if (!uuid) {
        if (expected)
            self->refuse(&Count::unidentified, visitor->peer(), "it has not identified itself");
        co_return;
    }
    auto handler = self->routes_.find(*uuid);
    if (!self->enter(*visitor, *uuid, handler))
        co_return;
    const LeaveAtEnd line(self->mutex_, self->counters_.lines);
    const auto whose = ' ' + uuid->to_string();
    try {
        auto work = self->run(*visitor, std::move(handler), *uuid);
        co_await std::move(work);
    } catch (...) {
        if (!visitor->cancelled()) {
            self->count(&Count::failures);
            self->log_error(whose, std::current_exception());
        }
    }
}

template <class Event>
void AudioServerLoop::tell(Event event) {
    if (!options_.observer)
        return;
    try {
        event(*options_.observer);
    } catch (...) {
        count(&Count::observer_errors);
        log_error(": the observer threw", std::current_exception());
    }
}

bool AudioServerLoop::enter(
    const AudioVisitor& visitor,
    const Uuid& uuid,
    const AudioHandler& handler
) {
    if (!handler) {
        refuse(&Count::unknown, visitor.peer(), "no handler for " + uuid.to_string());
        return false;
    }
    {
        std::lock_guard lock(mutex_);
        if (counters_.lines < options_.max_lines) {
            ++counters_.lines;
            ++counters_.connected;
            return true;
        }
    }
    refuse(&Count::busy, visitor.peer(), "too many lines");
    return false;
}

asio::awaitable<void> AudioServerLoop::run(AudioVisitor& visitor, AudioHandler handler, Uuid uuid) {
    const auto begun = Clock::now();
    const auto connection =
        std::make_shared<AudioConnection>(visitor.take_transport(), options_.buffer);
    connection->start();
    const auto& version = options_.asterisk_version;
    AudioLine line(connection, takes_all_audio_rates(version));
    tell([&](Observer& observer) { observer.on_audio_open(uuid); });
    std::exception_ptr error;
    try {
        auto work = handler(line, uuid);
        co_await std::move(work);
    } catch (...) {
        error = std::current_exception();
    }
    const auto counters = line.counters();
    tell([&](Observer& observer) { observer.on_audio_closed(uuid, counters); });
    count(&Count::lost_samples, counters.lost_samples);
    count(&Count::skipped_messages, counters.skipped_messages);
    const std::chrono::duration<double> took = Clock::now() - begun;
    logger_->info(
        "audio {} from {}: {:.1f} s",
        uuid.to_string(),
        unmapped(visitor.peer().address()).to_string(),
        took.count()
    );
    if (error)
        std::rethrow_exception(error);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
