// SPDX-License-Identifier: MIT
// UDP on the loopback, for SIP and RTP.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_error>

#include <cerrno>
#include <cstdint>
#include <string>

namespace costrix::test {

inline sockaddr_in loopback_address(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// A socket on a loopback port of the system's choice, and that port.
inline int open_udp(std::uint16_t& port) {
    const int opened = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    auto address = loopback_address(0);
    socklen_t size = sizeof address;
    const int buffer = 4 << 20;
    ::setsockopt(opened, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (::bind(opened, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::getsockname(opened, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::system_error(errno, std::generic_category(), "a UDP socket");
    port = ntohs(address.sin_port);
    return opened;
}

inline void send_udp(int socket, std::uint16_t port, const std::string& bytes) {
    const auto to = loopback_address(port);
    const auto* const address = reinterpret_cast<const sockaddr*>(&to);
    ::sendto(socket, bytes.data(), bytes.size(), 0, address, sizeof to);
}

}  // namespace costrix::test
