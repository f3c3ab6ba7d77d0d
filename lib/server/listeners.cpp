// SPDX-License-Identifier: MIT
// Where a server listens: from the interface's name to its sockets.
#include "server/listeners.hpp"

#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <system_error>

#include <algorithm>
#include <string>
#include <utility>

namespace costrix::agi::detail {
namespace {

using asio::ip::tcp;

std::vector<tcp::endpoint> endpoints_of(const std::string& interface, std::uint16_t port) {
    if (interface.empty())
        return {{tcp::v6(), port}, {tcp::v4(), port}};
    if (interface == "localhost")
        return {{asio::ip::address_v4::loopback(), port}, {asio::ip::address_v6::loopback(), port}};
    asio::io_context context;
    tcp::resolver resolver(context);
    std::vector<tcp::endpoint> found;
    for (const auto& entry :
         resolver.resolve(interface, std::to_string(port), tcp::resolver::passive))
        found.push_back(entry.endpoint());
    return found;
}

}  // namespace

Listeners::Listeners(
    asio::any_io_executor executor,
    const Policy& policy,
    std::shared_ptr<Counters> counters
)
    : executor_(std::move(executor)), policy_(policy), counters_(std::move(counters)) {}

void Listeners::open() {
    const auto& options = policy_.options();
    const ListenOptions how{options.reuse_port, options.peer_timeout};
    port_ = options.port;
    std::exception_ptr failure;
    for (auto endpoint : endpoints()) {
        endpoint.port(port_);
        try {
            add(endpoint, how);
        } catch (const std::system_error&) {
            failure = std::current_exception();
        }
        // "::" listens on IPv4 too, where the host has IPv6 at all.
        if (options.interface.empty() && !listeners_.empty())
            break;
    }
    if (listeners_.empty())
        rethrow_with_address(failure);
}

std::vector<tcp::endpoint> Listeners::endpoints() const {
    try {
        return endpoints_of(policy_.options().interface, port_);
    } catch (const std::system_error&) {
        rethrow_with_address(std::current_exception());  // a name that cannot be resolved
    }
}

void Listeners::open_beside(Listeners& first) {
    const ListenOptions how{true, policy_.options().peer_timeout};
    for (const auto& listener : first.listeners_) {
        if (listener->gone())
            continue;
        listener->share();
        add(listener->endpoint(), how);
    }
}

void Listeners::add(const tcp::endpoint& endpoint, const ListenOptions& how) {
    listeners_.push_back(std::make_shared<Listener>(
        open_listening(executor_, endpoint, how), counters_, policy_.shared_logger()
    ));
    port_ = listeners_.back()->endpoint().port();
}

void Listeners::rethrow_with_address(std::exception_ptr failure) const {
    const auto& options = policy_.options();
    const auto where =
        "cannot listen on \"" + options.interface + "\" port " + std::to_string(options.port);
    try {
        if (failure)
            std::rethrow_exception(failure);
    } catch (const std::system_error& error) {
        // Asio's own category does not compare with std::errc.
        const bool system = error.code().category() == asio::error::get_system_category();
        throw std::system_error(
            system ? std::error_code(error.code().value(), std::system_category()) : error.code(),
            where
        );
    }
    throw std::system_error(asio::error::make_error_code(asio::error::host_not_found), where);
}

bool Listeners::gone() const noexcept {
    return std::all_of(listeners_.begin(), listeners_.end(), [](const auto& listener) {
        return listener->gone();
    });
}

void Listeners::accept(const Listener::Take& take) {
    for (const auto& listener : listeners_)
        listener->accept(take);
}

void Listeners::stop() {
    for (const auto& listener : listeners_)
        listener->stop();
}

void Listeners::set_room(std::size_t room) {
    for (const auto& listener : listeners_)
        listener->set_room(room);
}

void Listeners::refuse() {
    for (const auto& listener : listeners_)
        listener->refuse();
}

void Listeners::resume() {
    for (const auto& listener : listeners_)
        listener->resume();
}

void Listeners::finish(const std::function<void()>& done) {
    for (const auto& listener : listeners_)
        listener->finish(done);
}

void Listeners::close() {
    for (const auto& listener : std::exchange(listeners_, {}))
        listener->close();
}

}  // namespace costrix::agi::detail
