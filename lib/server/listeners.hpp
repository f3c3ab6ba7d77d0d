// SPDX-License-Identifier: MIT
// The sockets that one event loop of a server listens on, used as one.
#pragma once

#include "server/counters.hpp"
#include "server/listener.hpp"
#include "server/policy.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <vector>

namespace costrix::agi::detail {

/// An interface may have several addresses, all with the same port. No thread safety: used from the
/// executor only. What its functions do to each of them, Listener says.
class Listeners {
public:
    Listeners(
        asio::any_io_executor executor,
        const Policy& policy,
        std::shared_ptr<Counters> counters
    );

    /// Listens where the policy's options say; throws std::system_error, which names that, when
    /// none of the addresses can be had.
    void open();
    /// Listens on the same addresses and the same port.
    void open_beside(Listeners& first);

    std::uint16_t port() const noexcept { return port_; }
    /// True when none of them will ever take anybody again.
    bool gone() const noexcept;

    void accept(const Listener::Take& take);
    void stop();
    void set_room(std::size_t room);
    void refuse();
    void resume();
    /// `done` is called for each.
    void finish(const std::function<void()>& done);
    void close();

private:
    std::vector<asio::ip::tcp::endpoint> endpoints() const;
    void add(const asio::ip::tcp::endpoint& endpoint, const ListenOptions& how);
    [[noreturn]] void rethrow_with_address(std::exception_ptr failure) const;

    asio::any_io_executor executor_;
    const Policy& policy_;
    std::shared_ptr<Counters> counters_;
    std::vector<std::shared_ptr<Listener>> listeners_;
    std::uint16_t port_ = 0;
};

}  // namespace costrix::agi::detail
