// SPDX-License-Identifier: MIT
// Sockets on any POSIX system: flags are set after a descriptor is there.
#include "platform/sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// When to ask a silent peer first, how often again, and how many times.
#ifdef __APPLE__
constexpr int kKeepAlive[] = {TCP_KEEPALIVE, TCP_KEEPINTVL, TCP_KEEPCNT};
#else
constexpr int kKeepAlive[] = {TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT};
#endif

/// Closes the descriptor if its flags cannot be set.
Descriptor with_flags(Descriptor descriptor, bool non_blocking) noexcept {
    const int number = descriptor.number();
    if (number < 0)
        return descriptor;
    bool set = ::fcntl(number, F_SETFD, FD_CLOEXEC) == 0;
    if (non_blocking) {
        const int flags = ::fcntl(number, F_GETFL);
        set = set && flags >= 0 && ::fcntl(number, F_SETFL, flags | O_NONBLOCK) == 0;
    }
    return set ? std::move(descriptor) : Descriptor();
}

/// A socket with the same options, neither bound nor listening.
Descriptor copy_of(int listening, int family) noexcept {
    auto copy = open_non_blocking_socket(family, SOCK_STREAM);
    const auto copy_option = [&](int level, int name) {
        int value = 0;
        socklen_t size = sizeof value;
        if (::getsockopt(listening, level, name, &value, &size) == 0)
            ::setsockopt(copy.number(), level, name, &value, size);
    };
    copy_option(SOL_SOCKET, SO_REUSEADDR);
    copy_option(SOL_SOCKET, SO_REUSEPORT);
    copy_option(SOL_SOCKET, SO_KEEPALIVE);
    copy_option(IPPROTO_TCP, TCP_NODELAY);
    for (const int name : kKeepAlive)
        copy_option(IPPROTO_TCP, name);
    if (family == AF_INET6)
        copy_option(IPPROTO_IPV6, IPV6_V6ONLY);
    return copy;
}

}  // namespace

Descriptor open_socket(int family, int type, int protocol) noexcept {
    return with_flags(Descriptor(::socket(family, type, protocol)), false);
}

Descriptor open_non_blocking_socket(int family, int type) noexcept {
    return with_flags(Descriptor(::socket(family, type, 0)), true);
}

std::pair<Descriptor, Descriptor> open_socket_pair() noexcept {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return {};
    return {with_flags(Descriptor(ends[0]), false), with_flags(Descriptor(ends[1]), false)};
}

Descriptor accept_connection(int listening, sockaddr* peer, socklen_t* size) noexcept {
    return with_flags(Descriptor(::accept(listening, peer, size)), true);
}

void set_peer_timeout(int socket, int seconds) noexcept {
    const auto set = [socket](int level, int name, int value) {
        ::setsockopt(socket, level, name, &value, sizeof value);
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, kKeepAlive[0], seconds / 2);
    set(IPPROTO_TCP, kKeepAlive[1], std::max(seconds / 12, 1));
    set(IPPROTO_TCP, kKeepAlive[2], 6);
}

bool drop_handshakes(StreamAcceptor&, bool) noexcept {
    return false;
}

/// Elsewhere than on Linux, shutdown(2) does nothing to a listening socket. So a socket that does
/// not listen takes its place; if there can be none, connections wait in the queue.
void stop_listening(StreamAcceptor& acceptor) noexcept {
    error_code error;
    const auto endpoint = acceptor.local_endpoint(error);
    StreamAcceptor next(acceptor.get_executor());
    auto socket = copy_of(acceptor.native_handle(), endpoint.protocol().family());
    if (!socket)
        return;
    next.assign(endpoint.protocol(), socket.number(), error);
    if (error)
        return;
    socket.release();
    next.non_blocking(true, error);
    acceptor.close(error);
    next.bind(endpoint, error);
    if (error)
        next.close(error);  // it would listen on any port
    acceptor = std::move(next);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
