// SPDX-License-Identifier: MIT
// Accepts until nothing waits, and outlives the errors that accept() can give.
#include "server/listener.hpp"

#include <asio/ip/v6_only.hpp>
#include <netinet/tcp.h>
#include <spdlog/logger.h>

namespace costrix::agi::detail {
namespace {

// How many connections are taken before other work has its turn. With one at a time, a burst of
// calls would wait in the kernel's queue for as many turns of the loop.
constexpr int kBurst = 64;
constexpr auto kBackOff = std::chrono::milliseconds(100);

template <int Name>
using TcpOption = asio::detail::socket_option::integer<IPPROTO_TCP, Name>;

bool nothing_waits(std::error_code error) {
    return error == asio::error::would_block || error == asio::error::try_again;
}

/// Errors of the one connection, not of accepting (accept(2)).
bool only_this_connection(std::error_code error) {
    return error == asio::error::connection_aborted || error == asio::error::interrupted ||
           error == std::errc::protocol_error;
}

}  // namespace

Listener::Listener(
    asio::any_io_executor executor,
    const asio::ip::tcp::endpoint& endpoint,
    spdlog::logger& logger
)
    : acceptor_(executor), retry_(executor), logger_(logger) {
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    if (endpoint.address().is_v6()) {
        // "::" takes IPv4 too; a single IPv6 address takes only itself.
        acceptor_.set_option(asio::ip::v6_only(!endpoint.address().is_unspecified()));
    }
    // What it accepts inherits this (tcp(7)): one system call less for each call.
    acceptor_.set_option(asio::ip::tcp::no_delay(true));
    // Asterisk sets no keepalive: a peer that vanished would be waited for until the end of time.
    acceptor_.set_option(asio::socket_base::keep_alive(true));
    acceptor_.set_option(TcpOption<TCP_KEEPIDLE>(60));
    acceptor_.set_option(TcpOption<TCP_KEEPINTVL>(10));
    acceptor_.set_option(TcpOption<TCP_KEEPCNT>(6));
    acceptor_.set_option(TcpOption<TCP_USER_TIMEOUT>(60000));  // milliseconds, this one
    acceptor_.bind(endpoint);
    acceptor_.listen(asio::socket_base::max_listen_connections);
    acceptor_.non_blocking(true);
    endpoint_ = acceptor_.local_endpoint();
}

void Listener::accept(Take take) {
    take_ = std::move(take);
    accepting_ = true;
    wait();
}

void Listener::stop() {
    accepting_ = false;
    std::error_code ignored;
    acceptor_.cancel(ignored);
    retry_.cancel();
}

void Listener::close() {
    stop();
    std::error_code ignored;
    acceptor_.close(ignored);
}

void Listener::wait() {
    acceptor_.async_wait(
        asio::socket_base::wait_read,
        [self = shared_from_this()](std::error_code error) { self->on_ready(error); }
    );
}

void Listener::on_ready(std::error_code error) {
    if (!accepting_ || error == asio::error::operation_aborted)
        return;
    for (int i = 0; i < kBurst; ++i) {
        if (!accept_one())
            return;
    }
    wait();
}

/// False when the loop is to end: it has arranged for what follows.
bool Listener::accept_one() {
    asio::ip::tcp::endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    Descriptor socket(
        ::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC)
    );
    const std::error_code error(socket ? 0 : errno, asio::error::get_system_category());
    if (nothing_waits(error)) {
        wait();
        return false;
    }
    if (only_this_connection(error))
        return true;
    if (error) {
        back_off(error);
        return false;
    }
    if (std::exchange(troubled_, false))
        logger_.warn("accepting again");
    if (!take_(std::move(socket), peer))
        stop();
    return accepting_;
}

/// Out of descriptors or memory: what waits in the queue would only wake us again, at once.
void Listener::back_off(std::error_code error) {
    if (!std::exchange(troubled_, true))
        logger_.error("cannot accept: {}; trying again every 100 ms", error.message());
    retry_.expires_after(kBackOff);
    retry_.async_wait([self = shared_from_this()](std::error_code cancelled) {
        if (!cancelled && self->accepting_)
            self->wait();
    });
}

}  // namespace costrix::agi::detail
