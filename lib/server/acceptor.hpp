// SPDX-License-Identifier: MIT
// Listening sockets of either kind, TCP and Unix, and taking over one that the user opened.
#pragma once

#include "platform/sockets.hpp"

#include <costrix/asio.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// What a Listener may do with its socket beyond accepting.
enum class SocketControl : std::uint8_t {
    /// Nothing: the user opened it, and other processes may have it too.
    none,
    /// Change the length of its queue: a Unix socket of ours. It cannot listen again once it was
    /// shut down.
    queue,
    /// Everything: a TCP socket of ours.
    all,
};

/// A connection's peer; none on a Unix socket.
using Peer = std::optional<asio::ip::tcp::endpoint>;

/// The TCP endpoint that it listens on; none if it is a Unix socket.
Peer tcp_endpoint(const StreamAcceptor& acceptor);

/// Moves an acceptor that the user opened and bound to another executor, and makes it listen.
///
/// Connections get the options that they have on a socket of ours. Throws std::system_error if it
/// is not open, or no listening socket.
StreamAcceptor adopt(
    StreamAcceptor acceptor,
    const asio::any_io_executor& executor,
    std::chrono::milliseconds peer_timeout
);

/// The sockets that a service manager has opened for this process; see take_activated_sockets().
std::vector<StreamAcceptor> activated_acceptors(const asio::any_io_executor& executor);

/// The same socket once more, for another event loop of this process.
StreamAcceptor duplicate(StreamAcceptor& acceptor, const asio::any_io_executor& executor);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
