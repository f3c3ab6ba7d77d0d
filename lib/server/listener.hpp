// SPDX-License-Identifier: MIT
// Listening sockets: bound to every address asked for, accepting in bursts, surviving errors.
#pragma once

#include "transport/descriptor.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <spdlog/fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace costrix::agi::detail {

/// One listening socket. No thread safety: used from its executor only.
class Listener : public std::enable_shared_from_this<Listener> {
public:
    /// Takes a connection and who it is of; false when no more are wanted for now.
    using Take = std::function<bool(Descriptor, const asio::ip::tcp::endpoint&)>;

    /// Binds and listens; throws std::system_error.
    Listener(
        asio::any_io_executor executor,
        const asio::ip::tcp::endpoint& endpoint,
        spdlog::logger& logger
    );

    asio::ip::tcp::endpoint endpoint() const { return endpoint_; }

    /// Accepts until stop(), close(), or `take` returns false.
    void accept(Take take);
    /// Accepts no more, but listens on: connections wait in the kernel's queue.
    void stop();
    /// Listens no more.
    void close();

private:
    void wait();
    void on_ready(std::error_code error);
    bool accept_one();
    void back_off(std::error_code error);

    asio::ip::tcp::acceptor acceptor_;
    asio::steady_timer retry_;
    asio::ip::tcp::endpoint endpoint_;
    spdlog::logger& logger_;
    Take take_;
    bool accepting_ = false;
    bool troubled_ = false;  // accepting fails at the moment; that was logged
};

}  // namespace costrix::agi::detail
