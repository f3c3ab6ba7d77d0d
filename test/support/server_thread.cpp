// SPDX-License-Identifier: MIT
// A FastAGIServer that runs in a thread of its own.
#include "support/server_thread.hpp"

#include "platform/descriptor.hpp"

#include <costrix/agi.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>

namespace costrix::test {
namespace {

/// The error of a connection to this port, 0 if it is taken; none if it is not answered at once.
std::optional<int> try_to_connect(std::uint16_t port) {
    const agi::detail::Descriptor socket(
        ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)
    );
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    pollfd wait{.fd = socket.number(), .events = POLLOUT, .revents = 0};
    if (poll(&wait, 1, 200) != 1)  // on a busy machine, the kernel takes its time
        return std::nullopt;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

}  // namespace

asio::awaitable<void> answer(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
}

bool refuses(std::uint16_t port) {
    return try_to_connect(port) == ECONNREFUSED;
}
bool accepts(std::uint16_t port) {
    return try_to_connect(port) == 0;
}

std::vector<std::unique_ptr<TcpPeer>>
hold_calls(ServerThread& server, std::size_t number, std::string_view path) {
    std::vector<std::unique_ptr<TcpPeer>> calls;
    for (std::size_t i = 0; i < number; ++i) {
        calls.push_back(std::make_unique<TcpPeer>(server.port()));
        calls.back()->call(path);
    }
    return calls;
}

}  // namespace costrix::test
