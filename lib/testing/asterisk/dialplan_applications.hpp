// SPDX-License-Identifier: MIT
// The dialplan applications that EXEC knows.
#pragma once

#include "testing/asterisk/command_handlers.hpp"

#include <costrix/agi/detail/config.hpp>

#include <string>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// Runs an application: the scenario's own, a built-in one, or -2 for neither.
Outcome run_application(CallState& call, const std::string& name, const std::string& arguments);

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
