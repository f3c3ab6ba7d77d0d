// SPDX-License-Identifier: MIT
// Lets the time of a FakeAsterisk pass with real time.
#pragma once

#include <costrix/agi/detail/asio_compat.hpp>
#include <costrix/testing/fake_asterisk.hpp>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/multiple_exceptions.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace costrix::testing::detail {

/// Errors come back as values.
inline constexpr auto kTuple = agi::detail::as_tuple(asio::use_awaitable);

/// Runs both until one of them ends. Throws std::system_error when cancelled.
inline asio::awaitable<void>
until_one_ends(asio::awaitable<void> one, asio::awaitable<void> other) {
    using namespace asio::experimental::awaitable_operators;
    try {
        co_await (std::move(one) || std::move(other));
    } catch (const asio::multiple_exceptions& both) {
        std::rethrow_exception(both.first_exception());
    }
}

/// Virtual time passes `speed` times as fast as real time.
class RealTime {
public:
    RealTime(const asio::any_io_executor& executor, FakeAsterisk& asterisk, double speed)
        : asterisk_(asterisk), speed_(speed), timer_(executor) {}

    /// Sets the FakeAsterisk to the time that it is now.
    void catch_up() {
        const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
            (Clock::now() - started_) * speed_
        );
        if (now > asterisk_.now())
            asterisk_.advance(now - asterisk_.now());
    }

    /// Completes when the FakeAsterisk has done what it does next by itself, or at look_again().
    asio::awaitable<void> pass() {
        if (const auto next = asterisk_.next_event())
            timer_.expires_after(std::chrono::duration_cast<Clock::duration>(*next / speed_));
        else
            timer_.expires_at(Clock::time_point::max());
        co_await timer_.async_wait(kTuple);
        catch_up();
    }

    /// What happens next may have changed.
    void look_again() { timer_.cancel(); }

private:
    using Clock = std::chrono::steady_clock;

    FakeAsterisk& asterisk_;
    double speed_;
    asio::steady_timer timer_;
    Clock::time_point started_ = Clock::now();
};

}  // namespace costrix::testing::detail
