// SPDX-License-Identifier: MIT
// Connects to a server and plays a FakeAsterisk's call against it.
#include "platform/sockets.hpp"
#include "testing/live_call.hpp"

#include <costrix/asio.hpp>
#include <costrix/testing/place_call.hpp>

#include <tuple>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {
namespace {

using asio::ip::tcp;
using detail::kTuple;

/// Connects to the first address that accepts; throws why the last one did not.
asio::awaitable<void> connect(tcp::socket& socket, const CallTarget& target) {
    tcp::resolver resolver(socket.get_executor());
    const auto port = std::to_string(target.port());
    const auto found = co_await resolver.async_resolve(target.host(), port, asio::use_awaitable);
    error_code error;
    for (const auto& entry : found) {
        socket.close(error);
        agi::detail::open_socket(socket, entry.endpoint().protocol());
        std::tie(error) = co_await socket.async_connect(entry.endpoint(), kTuple);
        if (!error || error == asio::error::operation_aborted)
            break;
    }
    if (error)
        throw std::system_error(error, "connect");
}

}  // namespace

asio::awaitable<FakeAsterisk> place_call(
    Scenario scenario,
    CallTarget target,
    std::function<void(const Event&)> observer,
    double speed
) {
    const auto executor = co_await asio::this_coro::executor;
    tcp::socket socket(executor);
    co_await connect(socket, target);
    socket.set_option(tcp::no_delay(true));
    FakeAsterisk asterisk(std::move(scenario));
    if (observer)
        asterisk.observe(std::move(observer));
    detail::LiveCall call(std::move(socket), asterisk, speed);
    co_await call.run();
    co_return asterisk;
}

}  // namespace costrix::inline COSTRIX_ABI::testing
