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

/// Runs a program as Asterisk runs an AGI script, and completes when its process has ended; the
/// result is the FakeAsterisk after it.
///
/// The Scenario's arguments are the program's too, as from AGI(program,argument,…). SIGHUP is
/// sent at a hangup; the exit status counts for AGISTATUS. In a Scenario with eagi() descriptor 3
/// is open, and silent. `observer` and `speed` are as for place_call(): time is real.
///
/// Throws: std::system_error when the program cannot be started.
///
/// Cancellation (terminal): kills the process.
[[nodiscard]] asio::awaitable<FakeAsterisk> run_program(
    Scenario scenario,
    std::string program,
    std::function<void(const Event&)> observer = nullptr,
    double speed = 1
);

}  // namespace costrix::inline COSTRIX_ABI::testing
