// SPDX-License-Identifier: MIT
// Runs a handler against a simulated Asterisk, in process and in no time.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/testing/call_flow.hpp>
#include <costrix/testing/fake_asterisk.hpp>
#include <costrix/testing/scenario.hpp>

#include <functional>

namespace costrix::testing {

/// Places one call to a handler; the result is the FakeAsterisk after it.
///
/// Like place_call(), without sockets and without real time: prompts, keys, deadlines and
/// AGI::sleep_for() are on one clock that is set forward whenever nobody has anything to do.
/// `observer` sees every event as it happens.
/// Throws: what leaves the handler, hangups aside; std::runtime_error when the handler waits for
/// something that does not come (within 5 s of real time, for what is not on the call's clock);
/// std::invalid_argument when the flow has no handler for the path.
FakeAsterisk run_call(
    Scenario scenario,
    const CallFlow& flow,
    std::function<void(const Event&)> observer = nullptr
);

}  // namespace costrix::testing
