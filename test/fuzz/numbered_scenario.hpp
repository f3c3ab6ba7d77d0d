// SPDX-License-Identifier: MIT
// A simulated Asterisk whose replies tell which command they belong to.
#pragma once

#include <costrix/testing/scenario.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace costrix::fuzz {

/// The sound `sN` lasts N tenths of a second, and `Number(N)` results in the code of that digit.
inline testing::Scenario numbered_scenario(bool sighup) {
    testing::Scenario made("fuzz");
    made.agisighup(sighup);
    for (int n = 1; n <= 8; ++n)
        made.sound("s" + std::to_string(n), std::chrono::milliseconds(n * 100));
    made.application("Number", [](std::string_view digits) {
        return testing::ApplicationOutcome(digits.front()).after(std::chrono::milliseconds(50));
    });
    return made;
}

}  // namespace costrix::fuzz
