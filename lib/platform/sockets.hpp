// SPDX-License-Identifier: MIT
// What systems do differently with sockets: close-on-exec, dead peers, refusing connections.
#pragma once

#include "platform/descriptor.hpp"

#include <costrix/asio.hpp>

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// A TCP or Unix acceptor; either of Asio's converts to it.
using StreamAcceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

/// socket(2) with close-on-exec set. No descriptor: errno says why.
Descriptor open_socket(int family, int type, int protocol) noexcept;
/// The same, non-blocking.
Descriptor open_non_blocking_socket(int family, int type) noexcept;

/// A connected pair with close-on-exec set. No descriptors: errno says why.
std::pair<Descriptor, Descriptor> open_socket_pair() noexcept;

/// accept(2); the socket is non-blocking, with close-on-exec set. No descriptor: errno says why.
Descriptor accept_connection(int listening, sockaddr* peer, socklen_t* size) noexcept;

/// Ends a TCP connection whose peer has been silent for about that long: by keepalive, and, where
/// the system can, when it does not acknowledge what was sent.
void set_peer_timeout(int socket, int seconds) noexcept;

/// Drops incoming SYNs from now on, or no longer does; false where the system cannot.
///
/// Closing a listening socket resets the connections in its queue. These peers are connected
/// already, and Asterisk would take the reset for a script that has ended. So first no new
/// connection is let in, then the queue is emptied, and then the socket can be closed. A peer whose
/// SYN was dropped sends it again after a second, and finds whoever listens on the port then, or is
/// refused. Without this, a connection that is made between the last accept and the close is reset.
bool drop_handshakes(StreamAcceptor& acceptor, bool drop) noexcept;

/// Has TCP connections refused until the acceptor listens again. It stays bound, so that the system
/// does not give its port away. Waits on the acceptor may be cancelled by this.
void stop_listening(StreamAcceptor& acceptor) noexcept;

/// Opens one of Asio's sockets or acceptors with close-on-exec set; throws system_error.
///
/// Asio's own open() does not set it. A program that a handler starts would then keep the server's
/// port open after the server has ended, and callers would connect to nobody. Setting the flag
/// afterwards is too late when another thread forks in between, but all that some systems have.
template <class Socket>
void open_socket(Socket& socket, const typename Socket::protocol_type& protocol) {
    auto opened = open_socket(protocol.family(), protocol.type(), protocol.protocol());
    if (!opened)
        throw system_error(error_code(errno, asio::error::get_system_category()), "socket");
    socket.assign(protocol, opened.number());
    opened.release();
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
