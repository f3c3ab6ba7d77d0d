// SPDX-License-Identifier: MIT
// Where to listen, and socket options.
#include "server/listening_socket.hpp"

#include "platform/sockets.hpp"

#include <costrix/asio.hpp>

#include <system_error>

#include <algorithm>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

using asio::ip::tcp;

void open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool reuse_port) {
    open_socket(acceptor, endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.set_option(ReusePort(reuse_port));
    if (endpoint.address().is_v6()) {
        // "::" accepts IPv4 too.
        acceptor.set_option(asio::ip::v6_only(!endpoint.address().is_unspecified()));
    }
    acceptor.bind(endpoint);
}

}  // namespace

// Accepted sockets inherit these (tcp(7)), which saves a system call for each.
void set_accept_options(StreamAcceptor& acceptor, std::chrono::milliseconds peer_timeout) {
    acceptor.set_option(tcp::no_delay(true));
    // Asterisk sets no keepalive: we would never learn that its host is gone.
    using std::chrono::seconds;
    const auto asked = std::chrono::ceil<seconds>(peer_timeout).count();
    const auto timeout = static_cast<int>(std::clamp<seconds::rep>(asked, 6, 32767));
    set_peer_timeout(acceptor.native_handle(), timeout);
    acceptor.non_blocking(true);
}

StreamAcceptor open_listening(
    const asio::any_io_executor& executor,
    const tcp::endpoint& endpoint,
    const ListenOptions& options
) {
    // A socket keeps its port while it does not listen only if it was bound to it by number. So
    // another socket holds the port that the system chose until ours is bound to it.
    tcp::acceptor chooser(executor);
    auto where = endpoint;
    if (where.port() == 0) {
        open(chooser, where, options.reuse_port);
        where.port(chooser.local_endpoint().port());
    }
    tcp::acceptor opened(executor);
    open(opened, where, options.reuse_port);
    StreamAcceptor acceptor(std::move(opened));
    set_accept_options(acceptor, options.peer_timeout);
    acceptor.listen(asio::socket_base::max_listen_connections);
    return acceptor;
}

namespace {

/// None when the name cannot be resolved, which sets `failure`.
std::vector<tcp::endpoint>
endpoints_of(const std::string& interface, std::uint16_t port, error_code& failure) {
    if (interface.empty())
        return {{tcp::v6(), port}, {tcp::v4(), port}};
    if (interface == "localhost")
        return {{asio::ip::address_v4::loopback(), port}, {asio::ip::address_v6::loopback(), port}};
    asio::io_context context;
    tcp::resolver resolver(context);
    const auto found =
        resolver.resolve(interface, std::to_string(port), tcp::resolver::passive, failure);
    return {found.begin(), found.end()};
}

}  // namespace

std::vector<StreamAcceptor>
listen_on_interface(const asio::any_io_executor& executor, const FastAGIServerOptions& options) {
    std::vector<StreamAcceptor> opened;
    error_code failure;
    auto port = options.port;
    for (auto endpoint : endpoints_of(options.interface, port, failure)) {
        endpoint.port(port);
        try {
            opened.push_back(
                open_listening(executor, endpoint, {options.reuse_port, options.peer_timeout})
            );
            port = tcp_endpoint(opened.back())->port();
        } catch (const system_error& error) {
            failure = error.code();
        }
        // "::" listens on IPv4 too, where the host has IPv6 at all.
        if (options.interface.empty() && !opened.empty())
            break;
    }
    if (!opened.empty())
        return opened;
    // Asio's own category does not compare with std::errc.
    const std::error_code code = failure;
    const bool system = failure.category() == asio::error::get_system_category();
    throw std::system_error(
        system ? std::error_code(failure.value(), std::system_category()) : code,
        "cannot listen on \"" + options.interface + "\" port " + std::to_string(options.port)
    );
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
