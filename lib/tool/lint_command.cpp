// SPDX-License-Identifier: MIT
// The subcommand lint: co_await expressions that GCC miscompiles.
#include "lint/coroutine_check.hpp"
#include "tool/subcommands.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace costrix::tool {
namespace {

constexpr const char* kEpilogue =
    "It reads the text and knows no types, so it prefers a false alarm to a crash. A comment\n"
    "NOLINT(costrix) excludes a line. docs/compilers.md has the forms, and which compiler is "
    "sound.\n\n"
    "Exit status: 0 nothing found, 1 something found, 2 a file cannot be read.\n\n"
    "Example:\n  costrix lint src/*.cpp src/*.hpp";

}  // namespace

void add_lint_command(CLI::App& app, ExitStatus& status) {
    auto& command = *app.add_subcommand(
        "lint", "Finds co_await expressions in C++ sources that GCC miscompiles"
    );
    const auto files = std::make_shared<std::vector<std::string>>();
    const auto gcc = std::make_shared<int>(12);
    command.add_option("--gcc", *gcc, "The oldest GCC that compiles them; 12 by default")
        ->check(CLI::Range(12, 99))
        ->type_name("VERSION");
    command
        .add_option("FILE", *files, "Sources; files beside them that they include are checked too")
        ->required()
        ->type_name("");
    command.footer(kEpilogue);
    command.callback([files, gcc, &status] {
        std::string report;
        int count = 0;
        for (const auto& file : *files)
            count += lint::check_file(file, report, *gcc);
        std::cout << report;
        status = count == 0 ? ExitStatus::success : ExitStatus::failure;
    });
}

}  // namespace costrix::tool
