// SPDX-License-Identifier: MIT
// Starts a program as a classic AGI script of a FakeAsterisk, on its stdin and stdout.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/fake_asterisk.hpp>
#include <costrix/testing/scenario.hpp>

#include <functional>
#include <string>

namespace costrix::inline COSTRIX_ABI::testing {

/// Runs a program as Asterisk runs an AGI script, completes when its process has ended, and returns
/// the FakeAsterisk in its final state.
///
/// The Scenario's arguments are also the program's, as from AGI(program,argument,…). A hangup sends
/// SIGHUP; the exit status determines AGISTATUS. With Scenario::eagi(), descriptor 3 is open and
/// silent. `observer`, `speed` and time are as for place_call().
///
/// Throws: std::system_error if the program cannot be started.
///
/// Cancellation (terminal): kills the process.
[[nodiscard]] asio::awaitable<FakeAsterisk> run_program(
    Scenario scenario,
    std::string program,
    std::function<void(const Event&)> observer = nullptr,
    double speed = 1
);

}  // namespace costrix::inline COSTRIX_ABI::testing
