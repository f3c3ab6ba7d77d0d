// SPDX-License-Identifier: MIT
// The program costrix: tools for FastAGI services, one subcommand each.
#include "tool/scenario_file.hpp"
#include "tool/server_connection.hpp"
#include "tool/subcommands.hpp"

#include <costrix/version.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace {

using costrix::tool::ExitStatus;

int run(int argc, char** argv) {
    ExitStatus status = ExitStatus::success;
    CLI::App app("Calls FastAGI services, loads them, and examines recorded calls.");
    app.name("costrix");
    app.set_version_flag("--version", std::string("costrix ") + costrix::version());
    app.require_subcommand(1);
    costrix::tool::add_call_command(app, status);
    costrix::tool::add_load_command(app, status);
    costrix::tool::add_check_command(app, status);
    costrix::tool::add_show_command(app, status);
    costrix::tool::add_replay_command(app, status);
    costrix::tool::add_lint_command(app, status);
    try {
        auto words = costrix::tool::with_scenario_files({argv + 1, argv + argc});
        std::reverse(words.begin(), words.end());  // the parser takes them from the back
        app.parse(std::move(words));
    } catch (const CLI::ParseError& error) {
        if (app.get_subcommands().empty() && argc > 1 && argv[1][0] != '-') {
            std::cerr << "costrix: there is no subcommand " << argv[1] << "; see costrix --help\n";
            return static_cast<int>(ExitStatus::usage);
        }
        // Help is asked for; all else is a wrong command line, whatever CLI11's own numbers.
        return app.exit(error) == 0 ? 0 : static_cast<int>(ExitStatus::usage);
    }
    return static_cast<int>(status);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const costrix::tool::ConnectError& error) {
        std::cerr << "costrix: " << error.what() << '\n';
        return static_cast<int>(ExitStatus::no_connection);
    } catch (const std::exception& error) {
        std::cerr << "costrix: " << error.what() << '\n';
        return static_cast<int>(ExitStatus::usage);
    }
}
