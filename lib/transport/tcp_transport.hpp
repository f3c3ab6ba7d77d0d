// SPDX-License-Identifier: MIT
// FastAGI's transport: a TCP socket.
#pragma once

#include "transport/transport.hpp"

#include <asio/ip/tcp.hpp>

namespace costrix::agi::detail {

/// The socket should have TCP_NODELAY: a command is one small write that waits for its answer.
class TcpTransport final : public Transport {
public:
    explicit TcpTransport(asio::ip::tcp::socket socket);

    asio::any_io_executor get_executor() override { return socket_.get_executor(); }
    void
    async_read_some(std::span<char> buffer, std::shared_ptr<TransportListener> listener) override;
    std::size_t write_some(std::string_view bytes, std::error_code& error) override;
    void async_wait_writable(std::shared_ptr<TransportListener> listener) override;
    void close() noexcept override;

private:
    asio::ip::tcp::socket socket_;
};

}  // namespace costrix::agi::detail
