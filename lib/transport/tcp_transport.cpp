// SPDX-License-Identifier: MIT
// FastAGI's transport: a TCP socket.
#include "transport/tcp_transport.hpp"

#include <asio/buffer.hpp>

namespace costrix::agi::detail {

TcpTransport::TcpTransport(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {
    std::error_code ignored;
    socket_.non_blocking(true, ignored);
}

void TcpTransport::async_read_some(
    std::span<char> buffer,
    std::shared_ptr<TransportListener> listener
) {
    socket_.async_read_some(
        asio::buffer(buffer.data(), buffer.size()),
        [listener = std::move(listener)](std::error_code error, std::size_t size) mutable {
            auto& target = *listener;
            target.on_read(error, size, std::move(listener));
        }
    );
}

std::size_t TcpTransport::write_some(std::string_view bytes, std::error_code& error) {
    const auto size = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
    if (error == asio::error::would_block || error == asio::error::try_again)
        error.clear();
    return size;
}

void TcpTransport::async_wait_writable(std::shared_ptr<TransportListener> listener) {
    socket_.async_wait(
        asio::socket_base::wait_write,
        [listener = std::move(listener)](std::error_code error) mutable {
            auto& target = *listener;
            target.on_writable(error, std::move(listener));
        }
    );
}

void TcpTransport::close() noexcept {
    std::error_code ignored;
    socket_.close(ignored);
}

}  // namespace costrix::agi::detail
