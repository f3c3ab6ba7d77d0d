// SPDX-License-Identifier: MIT
// A TCP connection to a FastAGI server, made the way Asterisk makes it.
#include "tool/socket.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace costrix::tool {
namespace {

/// getaddrinfo has codes of its own.
class ResolveCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "getaddrinfo"; }
    std::string message(int code) const override { return gai_strerror(code); }
};

int connect_within(int descriptor, const Address& address, std::chrono::milliseconds patience) {
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.size) ==
        0)
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    pollfd writable{.fd = descriptor, .events = POLLOUT, .revents = 0};
    if (poll(&writable, 1, static_cast<int>(patience.count())) <= 0)
        return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

void prepare(int descriptor) {
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval patience{.tv_sec = 0, .tv_usec = 100'000};  // Asterisk's ast_carefulwrite
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
}

}  // namespace

std::string Address::text() const {
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    const int failed = getnameinfo(
        reinterpret_cast<const sockaddr*>(&storage),
        size,
        host.data(),
        host.size(),
        port.data(),
        port.size(),
        NI_NUMERICHOST | NI_NUMERICSERV
    );
    if (failed != 0)
        return "?";
    const bool bracketed = storage.ss_family == AF_INET6;
    return (bracketed ? "[" : "") + std::string(host.data()) + (bracketed ? "]:" : ":") +
           port.data();
}

std::vector<Address> resolve(const AgiUrl& url) {
    static const ResolveCategory category;
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int failed =
        getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &list);
    if (failed != 0)
        throw ConnectError(failed, category, "cannot resolve " + url.host);
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, freeaddrinfo);
    std::vector<Address> found;
    for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
        auto& address = found.emplace_back();
        std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
        address.size = entry->ai_addrlen;
    }
    return found;
}

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
    if (this != &other) {
        close();
        descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
}

Socket::~Socket() {
    close();
}

Socket Socket::connect(const std::vector<Address>& addresses, std::chrono::milliseconds patience) {
    int error = EHOSTUNREACH;
    for (const auto& address : addresses) {
        const int family = address.storage.ss_family;
        Socket made(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        error = made ? connect_within(made.descriptor(), address, patience) : errno;
        if (error == 0) {
            prepare(made.descriptor());
            return made;
        }
    }
    const auto where = addresses.empty() ? std::string("nowhere") : addresses.back().text();
    throw ConnectError(error, std::generic_category(), "cannot connect to " + where);
}

bool Socket::write(std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool Socket::wait(std::chrono::milliseconds patience) const noexcept {
    pollfd readable{.fd = descriptor_, .events = POLLIN, .revents = 0};
    return poll(&readable, 1, static_cast<int>(patience.count())) > 0;
}

std::ptrdiff_t Socket::read(std::string& into) {
    std::array<char, 16384> buffer;
    const auto size = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (size > 0)
        into.append(buffer.data(), static_cast<std::size_t>(size));
    return size;
}

void Socket::shut_down() noexcept {
    ::shutdown(descriptor_, SHUT_WR);
}

void Socket::close() noexcept {
    if (descriptor_ >= 0)
        ::close(std::exchange(descriptor_, -1));
}

}  // namespace costrix::tool
