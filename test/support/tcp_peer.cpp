// SPDX-License-Identifier: MIT
// A blocking TCP connection that plays Asterisk, or a server, by hand.
#include "support/tcp_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <linux/filter.h>
#include <utility>

namespace costrix::test {
namespace {

std::pair<sockaddr_storage, socklen_t> to_sockaddr(const std::string& text, std::uint16_t port) {
    sockaddr_storage storage{};
    if (text.find(':') != std::string::npos) {
        auto& address = reinterpret_cast<sockaddr_in6&>(storage);
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(port);
        inet_pton(AF_INET6, text.c_str(), &address.sin6_addr);
        return {storage, sizeof address};
    }
    auto& address = reinterpret_cast<sockaddr_in&>(storage);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, text.c_str(), &address.sin_addr);
    return {storage, sizeof address};
}

}  // namespace

TcpPeer::TcpPeer(std::uint16_t port, const std::string& address, const std::string& from) {
    const auto [storage, size] = to_sockaddr(address, port);
    socket_ = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!from.empty()) {
        const auto [own, own_size] = to_sockaddr(from, 0);
        bind(socket_, reinterpret_cast<const sockaddr*>(&own), own_size);
    }
    if (socket_ < 0 || connect(socket_, reinterpret_cast<const sockaddr*>(&storage), size) != 0) {
        const std::error_code error(errno, std::generic_category());
        close();
        throw std::system_error(error, "connect to " + address);
    }
    limit_patience();
}

TcpPeer::TcpPeer(Accepted accepted) : socket_(accepted.socket) {
    limit_patience();
}

void TcpPeer::limit_patience() {
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

void TcpPeer::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void TcpPeer::call(std::string_view path, std::string_view extra) {
    std::string block = "agi_network: yes\n";
    if (!path.empty())
        block.append("agi_network_script: ").append(path).append("\n");
    block.append("agi_channel: Local/1\nagi_uniqueid: 17.1\nagi_version: 22.10.1\n");
    block.append(extra).append("\n");
    send(block);
}

void TcpPeer::note_arrivals() {
    const int on = 1;
    setsockopt(socket_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
}

ssize_t TcpPeer::read_some(char* buffer, std::size_t size) {
    iovec bytes{.iov_base = buffer, .iov_len = size};
    alignas(cmsghdr) char notes[128];
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = notes;
    message.msg_controllen = sizeof notes;
    const auto got = recvmsg(socket_, &message, 0);
    auto* note = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    if (note && note->cmsg_level == SOL_SOCKET && note->cmsg_type == SCM_TIMESTAMPNS) {
        timespec time{};
        std::memcpy(&time, CMSG_DATA(note), sizeof time);
        const auto since =
            std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
        arrived_ = std::chrono::system_clock::time_point(since);
    }
    return got;
}

std::string TcpPeer::line() {
    while (received_.find('\n') == std::string::npos) {
        char buffer[4096];
        const auto size = read_some(buffer, sizeof buffer);
        if (size == 0 || (size < 0 && errno == ECONNRESET))
            return "<eof>";
        if (size < 0)
            return "<timeout>";
        received_.append(buffer, static_cast<std::size_t>(size));
    }
    const auto end = received_.find('\n');
    auto text = received_.substr(0, end);
    received_.erase(0, end + 1);
    return text;
}

void TcpPeer::wait_for_bytes() {
    char byte = 0;
    recv(socket_, &byte, 1, MSG_PEEK);
}

std::string TcpPeer::rest() {
    char buffer[4096];
    ssize_t size = 0;
    while ((size = read_some(buffer, sizeof buffer)) > 0)
        received_.append(buffer, static_cast<std::size_t>(size));
    return std::exchange(received_, {});
}

std::string TcpPeer::answer_all(std::string_view reply) {
    std::string all;
    while (true) {
        const auto command = line();
        if (command == "<eof>")
            return all;
        all += command + "\n";
        if (command == "<timeout>")
            return all;
        send(reply);
    }
}

void TcpPeer::close() {
    if (const int socket = std::exchange(socket_, -1); socket >= 0)
        ::close(socket);
}

void TcpPeer::reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void TcpPeer::vanish() {
    sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog filter{.len = 1, .filter = &drop};
    setsockopt(socket_, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

}  // namespace costrix::test
