// SPDX-License-Identifier: MIT
// Socket options, and the two ways to stop listening that lose nobody.
#include "server/listening_socket.hpp"

#include "transport/open_socket.hpp"

#include <asio/ip/v6_only.hpp>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <linux/filter.h>

namespace costrix::agi::detail {
namespace {

using asio::ip::tcp;

template <int Name>
using TcpOption = asio::detail::socket_option::integer<IPPROTO_TCP, Name>;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

/// What is accepted inherits these (tcp(7)): no system call for each connection.
void set_options(tcp::acceptor& acceptor, const ListenOptions& options) {
    acceptor.set_option(tcp::no_delay(true));
    // Asterisk sets no keepalive: a peer that vanished would be waited for until the end of time.
    using std::chrono::seconds;
    const auto asked = std::chrono::ceil<seconds>(options.peer_timeout).count();
    const auto timeout = static_cast<int>(std::clamp<seconds::rep>(asked, 6, 32767));
    acceptor.set_option(asio::socket_base::keep_alive(true));
    acceptor.set_option(TcpOption<TCP_KEEPIDLE>(timeout / 2));
    acceptor.set_option(TcpOption<TCP_KEEPINTVL>(std::max(timeout / 12, 1)));
    acceptor.set_option(TcpOption<TCP_KEEPCNT>(6));
    acceptor.set_option(TcpOption<TCP_USER_TIMEOUT>(timeout * 1000));  // milliseconds, this one
    acceptor.non_blocking(true);
}

void open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool reuse_port) {
    open_socket(acceptor, endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.set_option(ReusePort(reuse_port));
    if (endpoint.address().is_v6()) {
        // "::" takes IPv4 too; a single IPv6 address takes only itself.
        acceptor.set_option(asio::ip::v6_only(!endpoint.address().is_unspecified()));
    }
    acceptor.bind(endpoint);
}

}  // namespace

tcp::acceptor open_listening(
    const asio::any_io_executor& executor,
    const tcp::endpoint& endpoint,
    const ListenOptions& options
) {
    // Only a socket that was bound to a port by number keeps it while it does not listen: so the
    // port that the system chose is held by another one until ours is bound to it.
    tcp::acceptor chooser(executor);
    auto where = endpoint;
    if (where.port() == 0) {
        open(chooser, where, options.reuse_port);
        where.port(chooser.local_endpoint().port());
    }
    tcp::acceptor acceptor(executor);
    open(acceptor, where, options.reuse_port);
    set_options(acceptor, options);
    acceptor.listen(asio::socket_base::max_listen_connections);
    return acceptor;
}

void share_port(tcp::acceptor& acceptor) {
    acceptor.set_option(ReusePort(true));
}

void set_queue(tcp::acceptor& acceptor, int length) noexcept {
    ::listen(acceptor.native_handle(), length);
}

void drop_handshakes(tcp::acceptor& acceptor, bool drop) noexcept {
    // The packet as a socket filter sees it begins with the TCP header; its flags are byte 13.
    constexpr std::uint32_t kFlags = 13, kSyn = 0x02, kNothing = 0, kAll = 0xffffffff;
    sock_filter program[]{
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlags),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kSyn, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, kNothing),
        BPF_STMT(BPF_RET | BPF_K, kAll),
    };
    const sock_fprog filter{.len = std::size(program), .filter = program};
    const auto socket = acceptor.native_handle();
    const int unused = 0;  // but asked for
    if (drop)
        setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
    else
        setsockopt(socket, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
}

void stop_listening(tcp::acceptor& acceptor) noexcept {
    ::shutdown(acceptor.native_handle(), SHUT_RD);
}

std::error_code listen_again(tcp::acceptor& acceptor, int queue) noexcept {
    if (::listen(acceptor.native_handle(), queue) != 0)
        return {errno, std::system_category()};
    return {};
}

}  // namespace costrix::agi::detail
