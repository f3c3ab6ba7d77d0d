// SPDX-License-Identifier: MIT
// Options that say who calls, and what the simulated Asterisk has.
#pragma once

#include <costrix/testing/scenario.hpp>

#include <string>

namespace CLI {
class App;
}

namespace costrix::tool {

/// Adds the options to the parser; they fill the scenario, which must outlive it.
void add_scenario_options(CLI::App& app, testing::Scenario& scenario);

/// Adds `--app`: what the application of that name comes to.
void add_application_option(CLI::App& app, testing::Scenario& scenario);

/// What to say of an event of EventKind::unsimulated.
std::string describe_lack(const std::string& what);

/// Whether an event of EventKind::unsimulated is about an application, so that the call takes
/// another course than on a real Asterisk.
bool is_application(const std::string& what);

/// A unique id that no other call of this host has had: the time, the process, a count.
std::string next_unique_id();

}  // namespace costrix::tool
