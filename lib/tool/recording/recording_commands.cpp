// SPDX-License-Identifier: MIT
// The options of `costrix show` and `costrix replay`.
#include "protocol/ascii.hpp"
#include "tool/option_types.hpp"
#include "tool/recording/recorded_steps.hpp"
#include "tool/recording/server_replay.hpp"
#include "tool/subcommands.hpp"

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

constexpr const char* kShowEpilogue =
    R"(Exit status: 0; 1 if the recording was cut off, 2 if it cannot be read.

Example: costrix show --svg call.agi > call.svg)";

constexpr const char* kReplayEpilogue =
    R"(Exit status: 0 as recorded, 1 with differences, 2 when a file cannot be replayed,
4 when nobody listens.

Example: costrix replay yesterday/*.agi agi://127.0.0.1:4573 --ignore '[0-9]{10}')";

/// Whether the last line of a file is a whole one.
bool ends_with_line(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    stream.seekg(-1, std::ios::end);
    return stream.get() == '\n';
}

/// The recording in a file; names the file in what is wrong with it.
///
/// Says on standard error when a call is not all there, and unsets `whole` then.
Transcript read(const std::string& file, bool& whole) {
    auto transcript = [&file] {
        try {
            return Transcript::read(file);
        } catch (const std::exception& error) {
            throw std::runtime_error(file + ": " + error.what());
        }
    }();
    if (transcript.records().empty())
        throw std::runtime_error(file + ": is empty, so not a recording");
    const bool line = ends_with_line(file);
    if (line && is_whole(transcript))
        return transcript;
    whole = false;
    std::cerr << "costrix: " << file << ": is cut off"
              << (line ? ", it ends before its call does" : " within its last line") << '\n';
    return transcript;
}

// ---------------------------------------------------------------- show

struct Show {
    std::string file;
    std::string output;
    bool svg = false;
    bool environment = false;
};

ExitStatus show(const Show& given) {
    bool whole = true;
    const auto transcript = read(given.file, whole);
    const bool coloured = given.output.empty() && isatty(STDOUT_FILENO) != 0;
    const auto text = given.svg ? conversation_svg(transcript)
                                : conversation_text(transcript, given.environment, coloured);
    if (given.output.empty()) {
        std::cout << text;
    } else {
        std::ofstream file(given.output, std::ios::binary);
        if (!(file << text) || !file.flush())
            throw std::runtime_error("cannot write " + given.output);
    }
    return whole ? ExitStatus::success : ExitStatus::failure;
}

// ---------------------------------------------------------------- replay

struct ReplayArguments {
    std::vector<std::string> words;
    std::vector<std::string> ignored;
    ReplayOptions options;
};

boost::regex checked_pattern(const std::string& text) {
    try {
        return boost::regex(text);
    } catch (const boost::regex_error& error) {
        throw CLI::ValidationError("'" + text + "' is not a regular expression: " + error.what());
    }
}

void print(const std::string& file, const ReplayResult& result) {
    const auto commands = counted(result.commands, "command");
    if (!result.difference) {
        std::cout << file << ": as recorded, " << commands << std::endl;
        return;
    }
    const auto& difference = *result.difference;
    std::cout << file << ":" << difference.line << ": differs after " << commands
              << (result.commands == 1 ? " that was" : " that were") << " as recorded\n"
              << "  after     " << printable(difference.before) << "\n"
              << "  recorded  " << printable(difference.recorded) << "\n"
              << "  now       " << printable(difference.came) << std::endl;
}

/// Names the file in what is wrong, but for the connection.
ReplayResult replay_file(const std::string& file, const ReplayOptions& options) {
    bool whole = true;
    const auto transcript = read(file, whole);
    try {
        return replay(transcript, options);
    } catch (const ConnectError&) {
        throw;
    } catch (const std::exception& error) {
        throw std::runtime_error(file + ": " + error.what());
    }
}

ExitStatus replay_all(ReplayArguments& given) {
    std::vector<std::string> files;
    for (const auto& word : given.words) {
        if (agi::detail::starts_with_ignoring_case(word, "agi://"))
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
            const auto result = replay_file(file, given.options);
            print(file, result);
            if (result.difference && status == ExitStatus::success)
                status = ExitStatus::failure;
        } catch (const ConnectError&) {
            throw;
        } catch (const std::exception& error) {
            std::cerr << "costrix: " << error.what() << '\n';
            status = ExitStatus::usage;
        }
    }
    return status;
}

}  // namespace

void add_show_command(CLI::App& app, ExitStatus& status) {
    auto& command = *app.add_subcommand("show", "Prints a recorded call, or draws it");
    const auto given = std::make_shared<Show>();
    command.add_option("FILE", given->file, "A recording, in the format of transcripts")
        ->required()
        ->type_name("");
    command.add_flag("--svg", given->svg, "Draws a sequence diagram");
    command.add_flag("--environment", given->environment, "Includes the environment block");
    command.add_option("--output,-o", given->output, "Writes to this file")->type_name("FILE");
    command.footer(kShowEpilogue);
    command.callback([given, &status] { status = show(*given); });
}

void add_replay_command(CLI::App& app, ExitStatus& status) {
    auto& command = *app.add_subcommand(
        "replay", "Plays Asterisk's side of recorded calls, and names where a server differs"
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
    command.add_option("--ignore", given->ignored, "Text that matches this may differ")
        ->type_name("PATTERN")
        ->allow_extra_args(false);
    command.add_flag("--timing", options.timing, "Replies take as long as recorded");
    command
        .add_option("--speed", options.speed, "How many times faster the pauses pass; 1 by default")
        ->check(number_within(0.01, 1e6))
        ->type_name("FACTOR");
    const auto timeout = [&options](std::chrono::nanoseconds time) {
        options.timeout = std::chrono::ceil<std::chrono::milliseconds>(time);
    };
    add_duration(command, "--timeout", timeout, "How long to wait for a command; 10s by default");
    command.footer(kReplayEpilogue);
    command.callback([given, &status] { status = replay_all(*given); });
}

}  // namespace costrix::tool
