// SPDX-License-Identifier: MIT
// A TCP connection to a FastAGI server, made the way Asterisk makes it.
#pragma once

#include "tool/agi_url.hpp"

#include <sys/socket.h>
#include <system_error>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::tool {

/// An address of a server, as getaddrinfo gives it.
struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    /// The address and port as text.
    std::string text() const;
};

/// Why there is no connection: the text is for people, the code for programs.
class ConnectError : public std::system_error {
public:
    using std::system_error::system_error;
};

/// The addresses of the URL's host; throws ConnectError when there is none.
std::vector<Address> resolve(const AgiUrl& url);

/// A connected socket, closed with its owner.
class Socket {
public:
    Socket() noexcept = default;
    explicit Socket(int descriptor) noexcept : descriptor_(descriptor) {}
    Socket(Socket&& other) noexcept;
    Socket& operator=(Socket&& other) noexcept;
    ~Socket();

    /// Connects to the first of the addresses that answers; throws ConnectError.
    static Socket
    connect(const std::vector<Address>& addresses, std::chrono::milliseconds patience);

    /// For poll(); -1 once closed.
    int descriptor() const noexcept { return descriptor_; }
    explicit operator bool() const noexcept { return descriptor_ >= 0; }

    /// Writes it all; false when the peer is gone or does not read for 0.1 s, as Asterisk has it.
    bool write(std::string_view bytes) noexcept;
    /// Waits until there is something to read, or the end; false when `patience` runs out.
    bool wait(std::chrono::milliseconds patience) const noexcept;
    /// Appends what has come, waiting for it; 0 at the end, negative for an error.
    std::ptrdiff_t read(std::string& into);
    /// Ends the sending side: the peer reads the end, and may still answer.
    void shut_down() noexcept;
    void close() noexcept;

private:
    int descriptor_ = -1;
};

}  // namespace costrix::tool
