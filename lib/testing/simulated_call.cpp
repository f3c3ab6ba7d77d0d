// SPDX-License-Identifier: MIT
// Moves bytes and time between a FakeAsterisk and a socket.
#include <costrix/testing/simulated_call.hpp>

#include <asio/buffer.hpp>
#include <asio/connect.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <algorithm>
#include <array>

namespace costrix::testing {
namespace {

using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
constexpr auto kTuple = asio::experimental::as_tuple(asio::use_awaitable);

/// The call in progress. Reading and the passing of time are two coroutines on one executor; the
/// call is over when either ends.
class Driver {
public:
    Driver(tcp::socket& socket, FakeAsterisk& asterisk, double speed)
        : socket_(socket), asterisk_(asterisk), speed_(speed), clock_(socket.get_executor()) {}

    asio::awaitable<void> run() {
        using namespace asio::experimental::awaitable_operators;
        co_await write();
        co_await (read() || pass_time());
        catch_up();
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
            catch_up();
            asterisk_.receive({buffer.data(), size});
            clock_.cancel();  // what happens next may have changed
            co_await write();
        }
    }

    asio::awaitable<void> pass_time() {
        while (!asterisk_.closed()) {
            const auto next = asterisk_.next_event();
            if (next)
                clock_.expires_after(std::chrono::duration_cast<Clock::duration>(*next / speed_));
            else
                clock_.expires_at(Clock::time_point::max());
            co_await clock_.async_wait(kTuple);
            catch_up();
            co_await write();
        }
    }

    void catch_up() {
        const auto real = (Clock::now() - started_) * speed_;
        const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(real);
        if (now > asterisk_.now())
            asterisk_.advance(now - asterisk_.now());
    }

    asio::awaitable<void> write() {
        const auto output = asterisk_.take_output();
        if (!output.empty())
            co_await asio::async_write(socket_, asio::buffer(output), kTuple);
    }

    tcp::socket& socket_;
    FakeAsterisk& asterisk_;
    double speed_;
    asio::steady_timer clock_;
    Clock::time_point started_ = Clock::now();
};

}  // namespace

asio::awaitable<FakeAsterisk> place_call(
    Scenario scenario,
    CallTarget target,
    std::function<void(const Event&)> observer,
    double speed
) {
    const auto executor = co_await asio::this_coro::executor;
    tcp::resolver resolver(executor);
    tcp::socket socket(executor);
    const auto port = std::to_string(target.port);
    const auto found = co_await resolver.async_resolve(target.host, port, asio::use_awaitable);
    co_await asio::async_connect(socket, found, asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    FakeAsterisk asterisk(std::move(scenario));
    if (observer)
        asterisk.observe(std::move(observer));
    Driver driver(socket, asterisk, speed);
    co_await driver.run();
    co_return asterisk;
}

}  // namespace costrix::testing
