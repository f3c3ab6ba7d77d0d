// SPDX-License-Identifier: MIT
// The subcommands: each adds its options to the parser, and what it does when it is chosen.
#pragma once

#include "tool/exit_status.hpp"

namespace CLI {
class App;
}

namespace costrix::tool {

/// `costrix call`; `status` is set when it has run.
void add_call_command(CLI::App& app, ExitStatus& status);
/// `costrix load`.
void add_load_command(CLI::App& app, ExitStatus& status);
/// `costrix check`.
void add_check_command(CLI::App& app, ExitStatus& status);
/// `costrix show`.
void add_show_command(CLI::App& app, ExitStatus& status);
/// `costrix replay`.
void add_replay_command(CLI::App& app, ExitStatus& status);
/// `costrix lint`.
void add_lint_command(CLI::App& app, ExitStatus& status);

}  // namespace costrix::tool
