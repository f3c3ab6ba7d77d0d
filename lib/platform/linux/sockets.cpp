// SPDX-License-Identifier: MIT
// Sockets on Linux: flags set atomically, SYNs dropped by a filter.
#include "platform/sockets.hpp"

#include <netinet/tcp.h>

#include <algorithm>
#include <iterator>
#include <linux/filter.h>

namespace costrix::inline COSTRIX_ABI::agi::detail {

Descriptor open_socket(int family, int type, int protocol) noexcept {
    return Descriptor(::socket(family, type | SOCK_CLOEXEC, protocol));
}

Descriptor open_non_blocking_socket(int family, int type) noexcept {
    return open_socket(family, type | SOCK_NONBLOCK, 0);
}

std::pair<Descriptor, Descriptor> open_socket_pair() noexcept {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return {};
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Descriptor accept_connection(int listening, sockaddr* peer, socklen_t* size) noexcept {
    return Descriptor(::accept4(listening, peer, size, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

void set_peer_timeout(int socket, int seconds) noexcept {
    const auto set = [socket](int level, int name, int value) {
        ::setsockopt(socket, level, name, &value, sizeof value);
    };
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, seconds / 2);
    set(IPPROTO_TCP, TCP_KEEPINTVL, std::max(seconds / 12, 1));
    set(IPPROTO_TCP, TCP_KEEPCNT, 6);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, seconds * 1000);  // milliseconds, this one
}

bool drop_handshakes(StreamAcceptor& acceptor, bool drop) noexcept {
    // The packet as a socket filter sees it begins with the TCP header; its flags are byte 13.
    constexpr std::uint32_t kFlags = 13, kSyn = 0x02, kNothing = 0, kAll = 0xffffffff;
    sock_filter program[]{
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlags),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kSyn, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, kNothing),
        BPF_STMT(BPF_RET | BPF_K, kAll),
    };
    const sock_fprog filter{.len = std::size(program), .filter = program};
    const int listening = acceptor.native_handle();
    const int unused = 0;  // but asked for
    const int failed =
        drop ? ::setsockopt(listening, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter)
             : ::setsockopt(listening, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
    return failed == 0;
}

void stop_listening(StreamAcceptor& acceptor) noexcept {
    ::shutdown(acceptor.native_handle(), SHUT_RD);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
