// SPDX-License-Identifier: MIT
// The dialplan applications that EXEC knows.
#pragma once

#include "testing/asterisk/command_handlers.hpp"

#include <costrix/agi/detail/config.hpp>

#include <string>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// Runs an application: the scenario's own, a built-in one, or -2 for neither.
Outcome run_application(CallState& call, const std::string& name, const std::string& arguments);

/// Ends as the outcome says, after its time.
Outcome pause_for(CallState& call, const ApplicationOutcome& outcome);

/// An application's argument, from 0; empty when there is none.
std::string argument(const std::string& arguments, std::size_t index);

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
