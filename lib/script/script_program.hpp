// SPDX-License-Identifier: MIT
// A process that runs one handler for one call, under run_script and ScriptRunner alike.
#pragma once

#include "script/script_call.hpp"

#include <costrix/agi/detail/config.hpp>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Runs the handler that is found to its end; returns the exit status.
int run_program(FindHandler find, const ScriptOptions& options);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
