// SPDX-License-Identifier: MIT
// One simulated call: what is asked for, and the ways to place it.
#pragma once

#include "tool/agi_url.hpp"
#include "tool/exit_status.hpp"

#include <costrix/testing/scenario.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace costrix::tool {

/// What the command line asks for.
struct CallOptions {
    AgiUrl url;           ///< of a server; unless there is a program
    std::string program;  ///< a classic script to start
    std::vector<std::string> arguments;
    testing::Scenario scenario;
    std::string digits;
    std::chrono::nanoseconds think = std::chrono::milliseconds(500);
    double speed = 1;
    std::optional<std::chrono::nanoseconds> timeout;
    std::vector<std::pair<std::string, std::string>> expected;  ///< variables after the call
    std::string heard;  ///< a WAV file for what the caller hears; empty: none
    bool json = false;
    bool quiet = false;
    bool wire = true;
};

/// Places the call and prints what happens, for people or as JSON.
ExitStatus place_scripted_call(const CallOptions& options);

/// Places the call with the terminal as its phone.
ExitStatus place_phone_call(const CallOptions& options);

/// The call as its options describe it, with a unique id of its own.
testing::Scenario scenario_of(const CallOptions& options);

}  // namespace costrix::tool
