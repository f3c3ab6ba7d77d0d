// SPDX-License-Identifier: MIT
// Places a simulated call to a FastAGI server, over TCP and in real time.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/fake_asterisk.hpp>
#include <costrix/testing/scenario.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {

/// Where to call: a port of this host, or a host and its port.
///
///     co_await place_call(scenario, port);
///     co_await place_call(scenario, {"pbx.example", 4573});
class CallTarget {
public:
    /// A port on 127.0.0.1.
    CallTarget(std::uint16_t port = 4573) : port_(port) {}
    /// A name or an address, and a port.
    CallTarget(std::string host, std::uint16_t port = 4573) : host_(std::move(host)), port_(port) {}

    const std::string& host() const noexcept { return host_; }  ///< The host's name or address.
    std::uint16_t port() const noexcept { return port_; }       ///< The port.

private:
    std::string host_ = "127.0.0.1";
    std::uint16_t port_;
};

/// Places one call, completes when it is over, and returns the FakeAsterisk in its final state.
///
/// `observer` sees every event as it happens; name a lambda with captures before the `co_await`
/// (docs/compilers.md). Virtual time runs `speed` times as fast as real time: a prompt of 5 s takes
/// 5 s at 1, half a second at 10. The server does not get faster: at 10, a second of its work is
/// ten seconds of the call. If the server does not read for 0.1 s, the call ends, as with Asterisk.
///
/// Throws: std::system_error if the name does not resolve or the connection is refused.
/// Cancellation (terminal): closes the connection, as if Asterisk had died.
[[nodiscard]] asio::awaitable<FakeAsterisk> place_call(
    Scenario scenario,
    CallTarget target,
    std::function<void(const Event&)> observer = nullptr,
    double speed = 1
);

}  // namespace costrix::inline COSTRIX_ABI::testing
