// SPDX-License-Identifier: MIT
// The transport of an accepted connection: on the epoll set, or on Asio's reactor (COSTRIX_EPOLL).
#pragma once

#include "transport/descriptor.hpp"
#ifdef COSTRIX_NO_EPOLL
#include "transport/asio_transport.hpp"

#include <costrix/asio.hpp>
#else
#include "transport/tcp_transport.hpp"
#endif

namespace costrix::inline COSTRIX_ABI::agi::detail {

#ifdef COSTRIX_NO_EPOLL
using SocketTransport = AsioTransport<asio::ip::tcp::socket>;
#else
using SocketTransport = TcpTransport;
#endif

/// `executor` and `direct`: see TcpTransport.
inline SocketTransport make_transport(
    Descriptor socket,
    std::shared_ptr<const asio::any_io_executor> executor,
    bool direct
) {
#ifdef COSTRIX_NO_EPOLL
    static_cast<void>(direct);
    asio::ip::tcp::socket stream(*executor);
    stream.assign(asio::ip::tcp::v4(), socket.number());  // or v6, which makes no difference here
    socket.release();
    return SocketTransport(std::move(stream));
#else
    return SocketTransport(std::move(socket), std::move(executor), direct);
#endif
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
