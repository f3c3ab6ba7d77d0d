// SPDX-License-Identifier: MIT
// Examines a FastAGI server from outside and gives advice.
#pragma once

#include "tool/agi_url.hpp"
#include "tool/server_connection.hpp"

#include <costrix/testing/scenario.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace costrix::tool {

/// One thing that was looked at.
struct Finding {
    enum class Grade {
        good,
        remark,  ///< works, and is good to know
        bad,     ///< must be put right
    } grade;
    std::string what;
    std::string advice = {};
};

/// What to examine, and how patiently.
struct CheckOptions {
    AgiUrl url;
    testing::Scenario scenario;  ///< what all calls have in common
    std::chrono::milliseconds patience = std::chrono::seconds(8);
    bool limits = true;  ///< sends broken input as well, to see what bounds it
};

/// Called with each finding as soon as it is made.
using Report = std::function<void(const Finding&)>;

/// Calls the script once, and once more to hang up on it; false when the rest makes no sense.
bool check_call(
    const CheckOptions& options,
    const std::vector<Address>& addresses,
    const Report& report
);

/// Finds out what bounds silent clients, long lines, endless environments, and many calls.
void check_limits(
    const CheckOptions& options,
    const std::vector<Address>& addresses,
    const Report& report
);

/// The next call to place, with a unique id of its own.
testing::Scenario scenario_of(const CheckOptions& options);

/// Lines for extensions.conf that call this script, and what to mind about them.
std::string dialplan_advice(const AgiUrl& url);

}  // namespace costrix::tool
