// SPDX-License-Identifier: MIT
// A listening socket for audio, and the connections that have not yet said whose they are.
#include "audio/audio_listener.hpp"

#include "audio/audio_rendezvous.hpp"
#include "platform/sockets.hpp"

#include <costrix/asio.hpp>

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <mutex>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

using asio::ip::tcp;

constexpr auto kRetryInterval = std::chrono::milliseconds(100);
// How many connections are accepted before other work has its turn.
constexpr int kBurst = 64;

tcp::acceptor open_on(const asio::any_io_executor& executor, const tcp::endpoint& endpoint) {
    tcp::acceptor acceptor(executor);
    open_socket(acceptor, endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();
    acceptor.non_blocking(true);
    return acceptor;
}

tcp::acceptor open_first(
    const asio::any_io_executor& executor,
    const asio::ip::address& address,
    AudioPorts ports
) {
    for (auto port = ports.first; port < ports.last; ++port) {
        try {
            return open_on(executor, {address, port});
        } catch (const system_error& error) {
            if (error.code() != asio::error::address_in_use)
                throw;
        }
    }
    return open_on(executor, {address, ports.last});
}

}  // namespace

// --- a connection --------------------------------------------------------------------------------

AudioArrival::AudioArrival(
    std::shared_ptr<AudioListener> listener,
    const asio::any_io_executor& executor,
    const tcp& protocol,
    Descriptor socket
)
    : listener_(std::move(listener)), socket_(asio::make_strand(executor)),
      deadline_(socket_.get_executor()) {
    socket_.assign(protocol, socket.number());
    socket.release();
}

void AudioArrival::start() {
    deadline_.expires_after(kMaxTime);
    deadline_.async_wait([self = shared_from_this()](error_code cancelled) {
        error_code ignored;
        if (!cancelled)
            self->socket_.close(ignored);
    });
    asio::async_read(
        socket_,
        asio::buffer(bytes_),
        [self = shared_from_this()](error_code error, std::size_t) { self->finish(error); }
    );
}

void AudioArrival::abandon() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        error_code ignored;
        self->socket_.close(ignored);
    });
}

void AudioArrival::finish(error_code error) {
    deadline_.cancel();
    auto& rendezvous = listener_->rendezvous_;
    AudioMessageReader reader;
    std::string_view bytes(bytes_.data(), bytes_.size());
    // It may have been closed after its bytes were read.
    const bool identified = !error && socket_.is_open() &&
                            reader.next(bytes) == AudioMessageReader::Event::message &&
                            reader.message().kind == AudioMessage::Kind::uuid;
    std::shared_ptr<AudioMeeting> meeting;
    {
        std::lock_guard lock(rendezvous.mutex_);
        const auto is_this = [this](const auto& one) { return one.lock().get() == this; };
        const bool evicted = std::erase_if(listener_->arrivals_, is_this) == 0;
        if (identified)
            meeting = rendezvous.take(reader.message().uuid());
        auto& counters = rendezvous.counters_;
        if (meeting || !evicted)
            ++(meeting      ? counters.connected
               : identified ? counters.unknown
                            : counters.unidentified);
    }
    if (!meeting)
        return;
    auto hand_over = [meeting, socket = Descriptor(socket_.release())]() mutable {
        meeting->socket = std::move(socket);
        meeting->arrived.cancel();
    };
    asio::post(meeting->arrived.get_executor(), std::move(hand_over));
}

// --- the listening socket ------------------------------------------------------------------------

AudioListener::AudioListener(
    AudioRendezvous& rendezvous,
    const asio::any_io_executor& executor,
    const asio::ip::address& address,
    AudioPorts ports
)
    : rendezvous_(rendezvous), acceptor_(open_first(executor, address, ports)), retry_(executor) {}

void AudioListener::wait() {
    acceptor_.async_wait(tcp::acceptor::wait_read, [self = shared_from_this()](error_code error) {
        std::lock_guard lock(self->rendezvous_.mutex_);
        if (!error && self->acceptor_.is_open())
            self->on_ready();
    });
}

void AudioListener::on_ready() {
    try {
        for (int i = 0; i < kBurst; ++i) {
            if (accept_one() || errno == ECONNABORTED || errno == EINTR || errno == EPROTO)
                continue;
            if (errno != EAGAIN && errno != EWOULDBLOCK)
                return wait_to_retry();
            break;
        }
        wait();
    } catch (const std::exception&) {  // no memory
        wait_to_retry();
    }
}

/// Out of descriptors or memory: what waits in the queue would only wake us again at once.
void AudioListener::wait_to_retry() {
    retry_.expires_after(kRetryInterval);
    retry_.async_wait([self = shared_from_this()](error_code cancelled) {
        std::lock_guard lock(self->rendezvous_.mutex_);
        if (!cancelled && self->acceptor_.is_open())
            self->wait();
    });
}

/// False if there is none, or errno says why. Of too many, the oldest is closed: Asterisk
/// identifies itself at once, so that strangers who say nothing cannot keep it out.
bool AudioListener::accept_one() {
    auto socket = accept_connection(acceptor_.native_handle(), nullptr, nullptr);
    if (!socket)
        return false;
    if (arrivals_.size() >= kMaxArrivals) {
        if (const auto oldest = arrivals_.front().lock())
            oldest->abandon();
        arrivals_.pop_front();
        ++rendezvous_.counters_.too_many;
    }
    const int on = 1;
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto protocol = acceptor_.local_endpoint().protocol();
    const auto arrival = std::make_shared<AudioArrival>(
        shared_from_this(), acceptor_.get_executor(), protocol, std::move(socket)
    );
    arrivals_.push_back(arrival);
    arrival->start();
    return true;
}

void AudioListener::close() noexcept {
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
    for (const auto& arrival : arrivals_) {
        try {
            if (const auto alive = arrival.lock())
                alive->abandon();
        } catch (...) {  // its deadline closes it
        }
    }
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
