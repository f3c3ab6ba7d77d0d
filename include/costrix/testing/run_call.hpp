// SPDX-License-Identifier: MIT
// Runs a handler against a simulated Asterisk, in process and in virtual time.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/testing/call_flow.hpp>
#include <costrix/testing/fake_asterisk.hpp>
#include <costrix/testing/scenario.hpp>

#include <functional>

namespace costrix::inline COSTRIX_ABI::testing {

/// Places one call to a handler and returns the FakeAsterisk in its final state.
///
/// Like place_call(), but without sockets and real time: prompts, keys, deadlines and
/// AGI::sleep_for() share a virtual clock, which jumps to the next event whenever both sides wait.
/// `observer` sees every event as it happens.
/// Throws: any exception of the handler except a hangup's; std::runtime_error if the handler waits
/// for something that never comes (5 s of real time for anything off the call's clock);
/// std::invalid_argument if the flow has no handler for the path.
FakeAsterisk run_call(
    Scenario scenario,
    const CallFlow& flow,
    std::function<void(const Event&)> observer = nullptr
);

}  // namespace costrix::inline COSTRIX_ABI::testing
