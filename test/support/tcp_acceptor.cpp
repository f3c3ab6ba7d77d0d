// SPDX-License-Identifier: MIT
// A listening socket for a test that plays a server by hand.
#include "support/tcp_acceptor.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace costrix::test {

TcpAcceptor::TcpAcceptor() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(socket_, SOMAXCONN) != 0)
        throw std::system_error(errno, std::generic_category(), "listen");
}

std::uint16_t TcpAcceptor::port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

std::unique_ptr<TcpPeer> TcpAcceptor::accept() {
    pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
    if (poll(&readable, 1, 10'000) <= 0)
        throw std::system_error(ETIMEDOUT, std::generic_category(), "accept");
    const int accepted = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    return std::make_unique<TcpPeer>(TcpPeer::Accepted{accepted});
}

void TcpAcceptor::close() {
    if (socket_ >= 0)
        ::close(std::exchange(socket_, -1));
}

}  // namespace costrix::test
