// SPDX-License-Identifier: MIT
// Moves bytes and time between a FakeAsterisk and a socket.
#include "testing/real_time.hpp"
#include "transport/open_socket.hpp"

#include <costrix/testing/place_call.hpp>

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <array>
#include <tuple>
#include <utility>

namespace costrix::testing {
namespace {

using asio::ip::tcp;
using detail::kTuple;

/// The call in progress. Reading and the passing of time are two coroutines on one executor; the
/// call is over when either ends.
class CallDriver {
public:
    CallDriver(tcp::socket& socket, FakeAsterisk& asterisk, double speed)
        : socket_(socket), asterisk_(asterisk), time_(socket.get_executor(), asterisk, speed) {}

    asio::awaitable<void> run() {
        co_await write();
        co_await detail::until_one_ends(read(), pass_time());
        time_.catch_up();
        if (!asterisk_.closed())
            asterisk_.script_closed();
        while (!asterisk_.closed() && asterisk_.advance_to_next_event()) {
        }
    }

private:
    asio::awaitable<void> read() {
        std::array<char, 4096> buffer;
        while (!asterisk_.closed()) {
            const auto [error, size] =
                co_await socket_.async_read_some(asio::buffer(buffer), kTuple);
            if (error)
                co_return;
            time_.catch_up();
            asterisk_.receive({buffer.data(), size});
            time_.look_again();
            co_await write();
        }
    }

    asio::awaitable<void> pass_time() {
        while (!asterisk_.closed()) {
            co_await time_.pass();
            co_await write();
        }
    }

    asio::awaitable<void> write() {
        const auto output = asterisk_.take_output();
        if (!output.empty())
            co_await asio::async_write(socket_, asio::buffer(output), kTuple);
    }

    tcp::socket& socket_;
    FakeAsterisk& asterisk_;
    detail::RealTime time_;
};

/// Connects to the first address that accepts; throws why the last one did not.
asio::awaitable<void> connect(tcp::socket& socket, const CallTarget& target) {
    tcp::resolver resolver(socket.get_executor());
    const auto port = std::to_string(target.port());
    const auto found = co_await resolver.async_resolve(target.host(), port, asio::use_awaitable);
    std::error_code error;
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
    CallDriver driver(socket, asterisk, speed);
    co_await driver.run();
    co_return asterisk;
}

}  // namespace costrix::testing
