// SPDX-License-Identifier: MIT
// The options of `costrix show` and `costrix replay`.
#include "tool/commands.hpp"
#include "tool/option_types.hpp"
#include "tool/recording/conversation.hpp"
#include "tool/recording/replay.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace costrix::tool {
namespace {

using testing::Transcript;

constexpr const char* kShowEpilogue = R"(Example: costrix show --svg call.agi > call.svg)";

constexpr const char* kReplayEpilogue =
    R"(Exit status: 0 as recorded, 1 with differences, 2 when a file cannot be replayed,
4 when nobody listens.

Example: costrix replay yesterday/*.agi agi://127.0.0.1:4573 --ignore '[0-9]{10}')";

/// Names the file in what is wrong with it.
Transcript read(const std::string& file) {
    try {
        return Transcript::read(file);
    } catch (const std::exception& error) {
        throw std::runtime_error(file + ": " + error.what());
    }
}

// ---------------------------------------------------------------- show

struct Show {
    std::string file;
    std::string output;
    bool svg = false;
    bool environment = false;
};

void show(const Show& given) {
    const auto transcript = read(given.file);
    const bool coloured = given.output.empty() && isatty(STDOUT_FILENO) != 0;
    const auto text = given.svg ? conversation_svg(transcript)
                                : conversation_text(transcript, given.environment, coloured);
    if (given.output.empty()) {
        std::cout << text;
        return;
    }
    std::ofstream file(given.output, std::ios::binary);
    if (!(file << text) || !file.flush())
        throw std::runtime_error("cannot write " + given.output);
}

// ---------------------------------------------------------------- replay

struct ReplayArguments {
    std::vector<std::string> words;
    std::vector<std::string> ignored;
    ReplayOptions options;
};

std::regex checked_pattern(const std::string& text) {
    try {
        return std::regex(text);
    } catch (const std::regex_error&) {
        throw CLI::ValidationError("'" + text + "' is no regular expression");
    }
}

void print(const std::string& file, const ReplayResult& result) {
    const auto commands =
        std::to_string(result.commands) + (result.commands == 1 ? " command" : " commands");
    if (!result.difference) {
        std::cout << file << ": as recorded, " << commands << std::endl;
        return;
    }
    const auto& difference = *result.difference;
    std::cout << file << ":" << difference.line << ": differs after " << commands
              << " that were as recorded\n"
              << "  after     " << printable(difference.before) << "\n"
              << "  recorded  " << printable(difference.recorded) << "\n"
              << "  now       " << printable(difference.came) << std::endl;
}

ExitStatus replay_all(ReplayArguments& given) {
    std::vector<std::string> files;
    for (const auto& word : given.words) {
        if (lower(word.substr(0, 6)) == "agi://")
            given.options.url = checked_url(word);
        else
            files.push_back(word);
    }
    if (files.empty())
        throw CLI::ValidationError("no file to replay");
    for (const auto& pattern : given.ignored)
        given.options.ignored.push_back(checked_pattern(pattern));
    auto status = ExitStatus::success;
    for (const auto& file : files) {
        try {
            const auto result = replay(Transcript::read(file), given.options);
            print(file, result);
            if (result.difference && status == ExitStatus::success)
                status = ExitStatus::failure;
        } catch (const ConnectError&) {
            throw;
        } catch (const std::exception& error) {
            std::cerr << file << ": " << error.what() << '\n';
            status = ExitStatus::usage;
        }
    }
    return status;
}

}  // namespace

void add_show_command(CLI::App& app, ExitStatus&) {
    auto& command = *app.add_subcommand("show", "Prints a recorded call for reading, or draws it");
    const auto given = std::make_shared<Show>();
    command.add_option("FILE", given->file, "A recording, in the format of transcripts")
        ->required()
        ->type_name("");
    command.add_flag("--svg", given->svg, "A sequence diagram");
    command.add_flag("--environment", given->environment, "With the environment block");
    command.add_option("--output,-o", given->output, "Writes to this file")->type_name("FILE");
    command.footer(kShowEpilogue);
    command.callback([given] { show(*given); });
}

void add_replay_command(CLI::App& app, ExitStatus& status) {
    auto& command = *app.add_subcommand(
        "replay", "Plays Asterisk's side of recorded calls, and says where a server differs"
    );
    const auto given = std::make_shared<ReplayArguments>();
    auto& options = given->options;
    command
        .add_option(
            "FILE|URL",
            given->words,
            "Recordings; and the server, agi://HOST[:PORT][/PATH],\nif not the one that was "
            "recorded"
        )
        ->required()
        ->type_name("");
    command.add_option("--ignore", given->ignored, "What matches this may differ")
        ->type_name("PATTERN")
        ->allow_extra_args(false);
    command.add_flag("--timing", options.timing, "Replies take as long as they took");
    command
        .add_option("--speed", options.speed, "How many times faster the pauses pass, 1 without")
        ->check(CLI::Range(0.01, 1e6))
        ->type_name("FACTOR");
    const auto timeout = [&options](std::chrono::nanoseconds time) {
        options.timeout = std::chrono::ceil<std::chrono::milliseconds>(time);
    };
    add_duration(command, "--timeout", timeout, "How long to wait for a command, 10s without");
    command.footer(kReplayEpilogue);
    command.callback([given, &status] { status = replay_all(*given); });
}

}  // namespace costrix::tool
