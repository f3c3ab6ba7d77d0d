// SPDX-License-Identifier: MIT
// One simulated call: what is asked for, how it is run, and how it ended.
#pragma once

#include "tool/agi_url.hpp"
#include "tool/exit_status.hpp"

#include <costrix/testing/fake_asterisk.hpp>
#include <costrix/testing/scenario.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace costrix::tool {

/// What the command line asks for.
struct CallOptions {
    AgiUrl url;
    testing::Scenario scenario;
    std::string digits;
    std::chrono::nanoseconds think = std::chrono::milliseconds(500);
    double speed = 1;
    std::optional<std::chrono::nanoseconds> timeout;
    bool json = false;
    bool quiet = false;
    bool wire = true;
};

/// Places the call and prints what happens, for people or as JSON.
[[nodiscard]] ExitStatus place_scripted_call(const CallOptions& options);

/// Places the call with the terminal as its phone.
[[nodiscard]] ExitStatus place_phone_call(const CallOptions& options);

/// How the call ended: AGISTATUS, or what else was the matter.
[[nodiscard]] ExitStatus how_it_ended(const testing::FakeAsterisk& asterisk);

/// A sentence on how the call ended.
[[nodiscard]] std::string describe_end(const testing::FakeAsterisk& asterisk, ExitStatus status);

/// The call as JSON: what happened, what it left behind, the exit status.
[[nodiscard]] std::string
call_report(const CallOptions& options, const testing::FakeAsterisk& asterisk, ExitStatus status);

}  // namespace costrix::tool
