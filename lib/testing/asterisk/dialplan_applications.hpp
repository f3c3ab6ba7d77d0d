// SPDX-License-Identifier: MIT
// The dialplan applications that EXEC knows.
#pragma once

#include "testing/asterisk/command_handlers.hpp"

#include <string>

namespace costrix::testing::detail {

/// Runs an application: the scenario's own, a built-in one, or -2 for neither.
Outcome run_application(CallState& call, const std::string& name, const std::string& arguments);

}  // namespace costrix::testing::detail
