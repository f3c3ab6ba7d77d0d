// SPDX-License-Identifier: MIT
// Connections to a FastAGI server: addresses, connecting, and I/O step by step with time limits.
#pragma once

#include "tool/agi_url.hpp"

#include <costrix/asio.hpp>

#include <system_error>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::tool {

using Address = asio::ip::tcp::endpoint;

/// An address and its port as text, such as `[::1]:4573`.
std::string to_string(const Address& address);

/// Why there is no connection: the text is for people, the code for programs.
class ConnectError : public std::system_error {
public:
    using std::system_error::system_error;
};

/// The addresses of the URL's host; throws ConnectError when there are none.
std::vector<Address> resolve(const AgiUrl& url);

/// A connection for a program that does one thing after another.
///
/// It runs the io_context while it waits, which nothing else may do meanwhile.
class ServerConnection {
public:
    /// Connects to the first address that accepts within 5 s; throws ConnectError.
    ServerConnection(asio::io_context& context, const std::vector<Address>& addresses);

    enum class Read { data, end, nothing };
    /// Appends what has come, or comes within `patience`.
    Read read(std::string& into, std::chrono::nanoseconds patience);
    /// Writes all of it; false when the server is gone or does not read for 0.1 s, as Asterisk has
    /// it.
    bool write(std::string_view bytes);
    void close();

    asio::ip::tcp::socket release() { return std::move(socket_); }

private:
    template <class Start>
    error_code complete(std::chrono::nanoseconds patience, Start start);

    asio::io_context& context_;
    asio::ip::tcp::socket socket_;
};

}  // namespace costrix::tool
