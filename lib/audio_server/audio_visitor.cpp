// SPDX-License-Identifier: MIT
// One connection to an AudioServer, from accept to the end of its handler.
#include "audio_server/audio_visitor.hpp"

#include "transport/socket_transport.hpp"

#include <new>
#include <string_view>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

AudioVisitor::AudioVisitor(
    Descriptor socket,
    const asio::ip::tcp::endpoint& peer,
    const asio::any_io_executor& executor,
    bool direct
)
    : peer_(peer), socket_(executor), direct_(direct) {
    socket_.assign(peer.protocol(), socket.number());
    socket.release();
}

asio::awaitable<std::optional<Uuid>> AudioVisitor::identify(std::chrono::milliseconds time) {
    asio::steady_timer deadline(socket_.get_executor(), time);
    deadline.async_wait([self = shared_from_this()](error_code cancelled) {
        error_code ignored;
        if (!cancelled)
            self->socket_.close(ignored);
    });
    const auto buffer = asio::buffer(bytes_);
    const auto [error, size] =
        co_await asio::async_read(socket_, buffer, as_tuple(asio::use_awaitable));
    AudioMessageReader reader;
    std::string_view bytes(bytes_.data(), size);
    const bool closed = !socket_.is_open();  // at the deadline, after the bytes were read
    if (error || closed || reader.next(bytes) != AudioMessageReader::Event::message ||
        reader.message().kind != AudioMessage::Kind::uuid)
        co_return std::nullopt;
    co_return reader.message().uuid();
}

std::unique_ptr<Transport> AudioVisitor::take_transport() {
    const auto executor = std::make_shared<const asio::any_io_executor>(socket_.get_executor());
    return std::unique_ptr<Transport>(
        new SocketTransport(make_transport(Descriptor(socket_.release()), executor, direct_))
    );
}

void AudioVisitor::abandon() noexcept {
    try {
        asio::post(socket_.get_executor(), [self = shared_from_this()] {
            error_code ignored;
            self->socket_.close(ignored);
        });
    } catch (const std::bad_alloc&) {  // it is closed when its time to identify itself is over
    }
}

void AudioVisitor::cancel() noexcept {
    cancelled_ = true;
    try {
        asio::post(socket_.get_executor(), [self = shared_from_this()] {
            self->signal_.emit(asio::cancellation_type::terminal);
        });
    } catch (const std::bad_alloc&) {  // it is left behind after
                                       // AudioServerOptions::cleanup_timeout
    }
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
