// SPDX-License-Identifier: MIT
// A process that runs one handler for one call, under run_script and ScriptRunner alike.
#pragma once

#include <costrix/agi/protocol/environment.hpp>
#include <costrix/agi/script.hpp>

#include <functional>
#include <memory>

namespace costrix::agi::detail {

/// Finds the handler of a call and adds to its request; null when there is none.
using FindHandler = std::function<std::shared_ptr<const ScriptHandler>(Request& request)>;

/// Runs the handler that is found to its end; the result is the exit status.
int run_program(const FindHandler& find, const ScriptOptions& options);

}  // namespace costrix::agi::detail
