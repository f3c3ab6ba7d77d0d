// SPDX-License-Identifier: MIT
// The transport of an accepted connection: on an epoll set, or on Asio's reactor
// (COSTRIX_PORTABLE).
#pragma once

#include "platform/descriptor.hpp"
#ifdef COSTRIX_PORTABLE
#include <costrix/agi/detail/asio_transport.hpp>
#else
#include "platform/linux/epoll/epoll_transport.hpp"
#endif

#include <costrix/asio.hpp>

namespace costrix::inline COSTRIX_ABI::agi::detail {

#ifdef COSTRIX_PORTABLE

using SocketTransport = AsioTransport<asio::ip::tcp::socket>;

inline void prepare_transports(asio::execution_context&) {}

inline SocketTransport
make_transport(Descriptor socket, std::shared_ptr<const asio::any_io_executor> executor, bool) {
    asio::ip::tcp::socket stream(*executor);
    stream.assign(asio::ip::tcp::v4(), socket.number());  // or v6, which makes no difference here
    socket.release();
    return SocketTransport(std::move(stream));
}

#else

using SocketTransport = EpollTransport;

/// Creates what the transports of a context share, now rather than for the first call.
inline void prepare_transports(asio::execution_context& context) {
    asio::use_service<EpollSet>(context);
}

/// `executor` and `direct`: see EpollTransport.
inline SocketTransport make_transport(
    Descriptor socket,
    std::shared_ptr<const asio::any_io_executor> executor,
    bool direct
) {
    return SocketTransport(std::move(socket), std::move(executor), direct);
}

#endif

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
