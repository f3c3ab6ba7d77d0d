// SPDX-License-Identifier: MIT
// Options that say who calls, and what the simulated Asterisk has.
#pragma once

#include <costrix/testing/scenario.hpp>

namespace CLI {
class App;
}

namespace costrix::tool {

/// Adds the options to the parser; what is given goes into the scenario, which must outlive it.
void add_scenario_options(CLI::App& app, testing::Scenario& scenario);

}  // namespace costrix::tool
