// SPDX-License-Identifier: MIT
// Places a FakeAsterisk's call into a FastAGI server, over TCP and in real time.
#pragma once

#include <costrix/testing/fake_asterisk.hpp>
#include <costrix/testing/scenario.hpp>

#include <asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace costrix::testing {

/// Where to call.
struct CallTarget {
    std::string host = "127.0.0.1";
    std::uint16_t port = 4573;
};

/// Places one call and completes when it is over; the result is the FakeAsterisk after it.
///
/// `observer` sees every event as it happens. Virtual time passes with real time, `speed` times as
/// fast: a prompt of 5 s takes 5 s at 1, half a second at 10.
/// Throws: std::system_error when nobody listens there.
/// Cancellation (terminal): closes the connection, as an Asterisk that dies.
[[nodiscard]] asio::awaitable<FakeAsterisk> place_call(
    Scenario scenario,
    CallTarget target,
    std::function<void(const Event&)> observer = nullptr,
    double speed = 1
);

}  // namespace costrix::testing
