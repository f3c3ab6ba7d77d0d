// SPDX-License-Identifier: MIT
// Listening sockets of either kind, TCP and Unix, and taking over one that the user opened.
#include "server/acceptor.hpp"

#include "platform/descriptor.hpp"
#include "platform/service_manager.hpp"
#include "server/listening_socket.hpp"

#include <costrix/asio.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <system_error>

#include <algorithm>
#include <cerrno>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

[[noreturn]] void fail(int error) {
    throw std::system_error(error, std::system_category(), "cannot serve on the acceptor given");
}

/// The protocol of an open socket.
asio::generic::stream_protocol protocol_of(int family) {
    return {family, family == AF_UNIX ? 0 : IPPROTO_TCP};
}

asio::generic::stream_protocol protocol_of(const StreamAcceptor& acceptor) {
    return protocol_of(acceptor.local_endpoint().protocol().family());
}

}  // namespace

Peer tcp_endpoint(const StreamAcceptor& acceptor) {
    const auto local = acceptor.local_endpoint();
    asio::ip::tcp::endpoint endpoint;
    if (local.size() > endpoint.capacity() || local.protocol().family() == AF_UNIX)
        return std::nullopt;
    endpoint.resize(local.size());
    std::copy_n(
        reinterpret_cast<const char*>(local.data()),
        local.size(),
        reinterpret_cast<char*>(endpoint.data())
    );
    return endpoint;
}

StreamAcceptor adopt(
    StreamAcceptor acceptor,
    const asio::any_io_executor& executor,
    std::chrono::milliseconds peer_timeout
) {
    try {
        const auto protocol = protocol_of(acceptor);
        StreamAcceptor adopted(executor);
        Descriptor socket(acceptor.release());
        adopted.assign(protocol, socket.number());
        socket.release();
        if (protocol.family() == AF_UNIX)
            adopted.non_blocking(true);
        else
            set_accept_options(adopted, peer_timeout);
        adopted.listen(asio::socket_base::max_listen_connections);
        return adopted;
    } catch (const costrix::system_error& error) {
        fail(error.code().value());
    }
}

std::vector<StreamAcceptor> activated_acceptors(const asio::any_io_executor& executor) {
    std::vector<StreamAcceptor> acceptors;
    for (auto& socket : take_activated_sockets()) {
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        ::getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address), &size);
        acceptors.emplace_back(executor, protocol_of(address.ss_family), socket.number());
        socket.release();
    }
    return acceptors;
}

StreamAcceptor duplicate(StreamAcceptor& acceptor, const asio::any_io_executor& executor) {
    const auto protocol = protocol_of(acceptor);
    Descriptor copy(::fcntl(acceptor.native_handle(), F_DUPFD_CLOEXEC, 0));
    if (!copy)
        fail(errno);
    StreamAcceptor duplicated(executor, protocol, copy.number());
    copy.release();
    duplicated.non_blocking(true);
    return duplicated;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
