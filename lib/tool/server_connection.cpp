// SPDX-License-Identifier: MIT
// Connections to a FastAGI server: addresses, connecting, and I/O step by step with time limits.
#include "tool/server_connection.hpp"

#include <costrix/asio.hpp>

#include <array>
#include <optional>
#include <sstream>

namespace costrix::tool {

using asio::ip::tcp;
using namespace std::chrono_literals;

std::string to_string(const Address& address) {
    std::ostringstream text;
    text << address;
    return text.str();
}

std::vector<Address> resolve(const AgiUrl& url) {
    asio::io_context context;
    error_code error;
    const auto found = tcp::resolver(context).resolve(
        url.host, std::to_string(url.port), tcp::resolver::flags(), error
    );
    if (error)
        throw ConnectError(error, "cannot resolve " + url.host);
    return {found.begin(), found.end()};
}

ServerConnection::ServerConnection(asio::io_context& context, const std::vector<Address>& addresses)
    : context_(context), socket_(context) {
    error_code error = asio::error::host_unreachable;
    for (const auto& address : addresses) {
        socket_ = tcp::socket(context);
        error = complete(5s, [&](auto done) { socket_.async_connect(address, std::move(done)); });
        if (!error) {
            socket_.set_option(tcp::no_delay(true));
            return;
        }
    }
    const auto where = addresses.empty() ? std::string("nowhere") : to_string(addresses.back());
    throw ConnectError(error, "cannot connect to " + where);
}

/// Runs the context until the operation has completed; cancels it when the time is up.
template <class Start>
error_code ServerConnection::complete(std::chrono::nanoseconds patience, Start start) {
    std::optional<error_code> result;
    start([&result](error_code error, auto&&...) { result = error; });
    context_.run_for(patience);
    context_.restart();
    if (!result) {
        socket_.cancel();
        context_.run();
        context_.restart();
    }
    return result == asio::error::operation_aborted ? asio::error::timed_out : *result;
}

ServerConnection::Read
ServerConnection::read(std::string& into, std::chrono::nanoseconds patience) {
    std::array<char, 16384> buffer;
    std::size_t size = 0;
    const auto error = complete(patience, [&](auto done) {
        socket_.async_read_some(
            asio::buffer(buffer),
            [&size, done](error_code failed, std::size_t count) mutable {
                size = count;
                done(failed);
            }
        );
    });
    if (error == asio::error::timed_out)
        return Read::nothing;
    if (error)
        return Read::end;
    into.append(buffer.data(), size);
    return Read::data;
}

bool ServerConnection::write(std::string_view bytes) {
    return !complete(100ms, [&](auto done) {
        asio::async_write(socket_, asio::buffer(bytes), std::move(done));
    });
}

void ServerConnection::close() {
    socket_.close();
}

}  // namespace costrix::tool
