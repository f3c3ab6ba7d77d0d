// SPDX-License-Identifier: MIT
// Opening listening sockets.
#pragma once

#include "server/acceptor.hpp"

#include <costrix/agi/server_options.hpp>
#include <costrix/asio.hpp>

#include <sys/socket.h>

#include <chrono>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Lets other sockets listen on the same port.
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

/// How sockets are opened.
struct ListenOptions {
    bool reuse_port = false;
    std::chrono::milliseconds peer_timeout = std::chrono::seconds(60);
};

/// Binds (port 0: the system chooses) and listens. Throws system_error.
StreamAcceptor open_listening(
    const asio::any_io_executor& executor,
    const asio::ip::tcp::endpoint& endpoint,
    const ListenOptions& options
);

/// Sets what accepted TCP connections inherit: no delay, and `peer_timeout`; and does not block.
void set_accept_options(StreamAcceptor& acceptor, std::chrono::milliseconds peer_timeout);

/// Listens on each address of Options::interface, all with the same port.
///
/// Throws std::system_error, which names interface and port, when none of them can be had.
std::vector<StreamAcceptor>
listen_on_interface(const asio::any_io_executor& executor, const FastAGIServerOptions& options);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
