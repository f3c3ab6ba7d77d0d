// SPDX-License-Identifier: MIT
// What a scenario's Asterisk version and AGI variables mean for a session.
#pragma once

#include <costrix/testing/scenario_data.hpp>

#include <cstddef>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// The maximum length of a command in bytes, without its LF.
std::size_t command_limit(const ScenarioData& data);

/// AGISIGHUP: whether the script is told of a hangup.
bool reports_hangup(const ScenarioData& data);

/// AGIEXITONHANGUP: whether a hangup ends the session.
bool exits_on_hangup(const ScenarioData& data);

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
