// SPDX-License-Identifier: MIT
// What a listening socket can be told, below what Asio knows.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/ip/tcp.hpp>

#include <chrono>

namespace costrix::agi::detail {

/// How sockets are opened.
struct ListenOptions {
    bool reuse_port = false;
    std::chrono::milliseconds peer_timeout = std::chrono::seconds(60);
};

/// Binds, to a port of the system's choice for 0, and listens; throws std::system_error.
asio::ip::tcp::acceptor open_listening(
    const asio::any_io_executor& executor,
    const asio::ip::tcp::endpoint& endpoint,
    const ListenOptions& options
);

/// From now on other sockets can listen on this one's port with SO_REUSEPORT.
///
/// It is set after binding, so that a port that somebody else listens on is still an error.
void share_port(asio::ip::tcp::acceptor& acceptor);

/// Bounds the queue of connections that wait to be accepted.
void set_queue(asio::ip::tcp::acceptor& acceptor, int length) noexcept;

/// Drops the SYN of whoever wants to connect, or no longer does.
///
/// Closing a listening socket resets the connections in its queue, and these peers have been told
/// that they are connected: Asterisk would take that for a script that has ended. So first nobody
/// new is let in, then the queue is emptied, and then the socket can be closed. A peer whose SYN
/// was dropped sends it again after a second, and finds whoever listens on the port then, or is
/// refused.
void drop_handshakes(asio::ip::tcp::acceptor& acceptor, bool drop) noexcept;

/// Refuses connections; the socket stays bound, so that the system gives its port to nobody who
/// asks for any, and can listen again.
void stop_listening(asio::ip::tcp::acceptor& acceptor) noexcept;
std::error_code listen_again(asio::ip::tcp::acceptor& acceptor, int queue) noexcept;

}  // namespace costrix::agi::detail
