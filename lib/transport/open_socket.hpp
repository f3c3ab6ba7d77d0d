// SPDX-License-Identifier: MIT
// Opens Asio's sockets so that child processes do not inherit them.
#pragma once

#include "transport/descriptor.hpp"

#include <costrix/agi/detail/config.hpp>

#include <sys/socket.h>
#include <system_error>

#include <cerrno>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Opens a TCP socket or acceptor with close-on-exec set; throws system_error.
///
/// Asio's own open() does not set it. A program that a handler starts would then keep the server's
/// port open after the server has ended, and callers would connect to nobody. Setting the flag
/// afterwards is too late when another thread forks in between.
template <class Socket>
void open_socket(Socket& socket, const typename Socket::protocol_type& protocol) {
    Descriptor opened(
        ::socket(protocol.family(), protocol.type() | SOCK_CLOEXEC, protocol.protocol())
    );
    if (!opened)
        throw system_error(error_code(errno, asio::error::get_system_category()), "socket");
    socket.assign(protocol, opened.number());
    opened.release();
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
