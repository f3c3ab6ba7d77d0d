// SPDX-License-Identifier: MIT
// The options of `costrix call`.
#include "tool/call/call_options.hpp"
#include "tool/call/wav_file.hpp"
#include "tool/formatting.hpp"
#include "tool/option_types.hpp"
#include "tool/scenario_options.hpp"
#include "tool/subcommands.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace costrix::tool {
namespace {

using testing::Scenario;

constexpr const char* kCallEpilogue = R"(Exit status:
  0  AGISTATUS SUCCESS: the script ended, the caller is still there
  1  AGISTATUS FAILURE: a command failed; or the simulation lacks an application
  2  wrong command line, or the program cannot be started
  3  AGISTATUS HANGUP: either side hung up
  4  no connection
  5  not a FastAGI server, or it broke off: no command, or the end during one
  6  --timeout expired
  7  a variable differs from --expect-variable; with that option, 0 replaces 1 and 3
  130  interrupted

Examples:
  costrix call agi://127.0.0.1/menu
  costrix call agi://127.0.0.1/menu --answer 7@vm-options --answer 2@vm-options
  costrix call agi://127.0.0.1/pin/1234 --digits '1234#' --json | jq .variables
  costrix call agi://127.0.0.1/support/sales --app Queue=TIMEOUT,20s \
      --expect-variable AGISTATUS=SUCCESS
  costrix call ./script.py argument --digits 12)";

/// What the parser fills in; it outlives the parsing.
struct CallArguments {
    CallOptions options;
    std::string destination;
};

void add_caller_options(CLI::App& app, CallOptions& options) {
    constexpr const char* group = "What the caller does";
    auto& scenario = options.scenario;
    app.add_option("--digits", options.digits, "Presses these keys whenever the script takes keys")
        ->type_name("KEYS")
        ->group(group);
    const auto think = [&](std::chrono::nanoseconds time) { options.think = time; };
    add_duration(app, "--think", think, "Time before the first of --digits; 0.5s by default")
        ->group(group);
    const auto answer = [&](const std::string& value) {
        const auto mark = std::min(value.find('@'), value.size());
        const auto keys = value.substr(0, mark);
        check_keys(keys);
        scenario.press_during(value.substr(std::min(mark + 1, value.size())), keys);
    };
    add_each(
        app,
        "--answer",
        "KEYS[@PROMPT]",
        answer,
        "Presses keys when this sound starts; repeated: the second time, ...\n"
        "Without PROMPT: when a key is awaited in silence"
    )
        ->group(group);
    const auto after = [&](std::chrono::nanoseconds time) { scenario.hang_up_after(time); };
    add_duration(app, "--hangup-after", after, "Hangs up this long after the start")->group(group);
    const auto during = [&](const std::string& prompt) { scenario.hang_up_during(prompt); };
    add_each(app, "--hangup-during", "PROMPT", during, "Hangs up 0.5 s into this sound")
        ->group(group);
    const auto text = [&](const std::string& message) { scenario.send_text_when_asked(message); };
    add_each(app, "--text", "MESSAGE", text, "Answers RECEIVE TEXT with this")->group(group);
    const auto talk = [&](std::chrono::nanoseconds time) { scenario.talks_for(time); };
    add_duration(app, "--talk", talk, "Talks into a recording for this long, then is silent")
        ->group(group);
}

/// FILE[@TIME], or FILE@PROMPT.
void add_speech(Scenario& scenario, const std::string& value) {
    const auto mark = std::min(value.rfind('@'), value.size());
    const auto when = value.substr(std::min(mark + 1, value.size()));
    std::optional<std::chrono::nanoseconds> at;
    try {
        at = parse_duration(when.empty() ? "0s" : when);
    } catch (const std::invalid_argument&) {  // a prompt
    }
    try {
        auto sound = read_sound_file(value.substr(0, mark));
        if (at)
            scenario.speak(std::move(sound), *at);
        else
            scenario.speak_during(when, std::move(sound));
    } catch (const std::runtime_error& error) {
        throw CLI::ValidationError("--says: " + std::string(error.what()));
    }
}

void add_audio_options(CLI::App& app, CallOptions& options) {
    constexpr const char* group = "The caller's audio";
    auto& scenario = options.scenario;
    const auto says = [&](const std::string& value) { add_speech(scenario, value); };
    add_each(
        app,
        "--says",
        "FILE[@WHEN]",
        says,
        "Plays a sound file to the script, which listens by talk() or\n"
        "open_audio(); WHEN is a time after the start, or a sound that\n"
        "starts, such as AudioSocket: the beginning of a talk"
    )
        ->group(group);
    app.add_option("--heard", options.heard, "Writes what the caller hears of that to a WAV file")
        ->type_name("FILE")
        ->group(group);
}

/// Refuses a file that cannot be written before the call, not after it.
void check_heard(const std::string& file) {
    if (file.empty())
        return;
    try {
        check_sound_file(file);
    } catch (const std::runtime_error& error) {
        throw CLI::ValidationError("--heard: " + std::string(error.what()));
    }
}

void add_run_options(CLI::App& app, CallOptions& options) {
    constexpr const char* group = "Running";
    app.add_option(
           "--speed",
           options.speed,
           "How many times faster than real time the call's clock runs;\n"
           "1 by default. The script's own time counts that many times"
    )
        ->check(number_within(0.01, 1e6))
        ->type_name("FACTOR")
        ->group(group);
    add_duration(
        app,
        "--timeout",
        [&](auto time) { options.timeout = time; },
        "Gives up if the call is not over by then"
    )
        ->group(group);
    const auto expect = [&](const std::string& value) {
        options.expected.push_back(split_assignment(value));
    };
    add_each(
        app,
        "--expect-variable",
        "NAME=VALUE",
        expect,
        "The value a variable must have after the call; AGISTATUS is one.\n"
        "The exit status says whether it has"
    )
        ->group(group);
    app.add_flag("--json", options.json, "Prints the call as one JSON object once it is over")
        ->group(group);
    app.add_flag("--quiet,-q", options.quiet, "Prints only how the call ended")->group(group);
    app.add_flag("--wire,!--no-wire", options.wire, "Prints commands and replies; the default")
        ->group(group);
}

/// A terminal on both sides, and nothing said beforehand of what the caller does.
bool wants_phone(const CLI::App& app) {
    for (const char* option :
         {"--digits",
          "--answer",
          "--expect-variable",
          "--hangup-after",
          "--hangup-during",
          "--json",
          "--quiet",
          "--talk",
          "--text",
          "--timeout",
          "--wire"})
        if (app.count(option) > 0)
            return false;
    return isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
}

/// A path, which has a slash; a URL has a scheme before it.
bool is_program(const std::string& destination) {
    return destination.find('/') != std::string::npos &&
           destination.find("://") == std::string::npos;
}

ExitStatus run(const CLI::App& app, CallArguments& given) {
    auto& options = given.options;
    check_keys(options.digits);
    check_heard(options.heard);
    if (is_program(given.destination)) {
        options.program = given.destination;
        options.scenario.classic().path(options.program).args(options.arguments);
    } else {
        options.url = checked_url(given.destination);
        options.scenario.url(options.url.text).args(with_arguments(options.url, options.arguments));
    }
    options.scenario.epoch(std::time(nullptr));
    return wants_phone(app) ? place_phone_call(options) : place_scripted_call(options);
}

}  // namespace

void add_call_command(CLI::App& app, ExitStatus& status) {
    auto& command = *app.add_subcommand(
        "call", "Places a simulated call, from a phone in the terminal or by itself"
    );
    const auto given = std::make_shared<CallArguments>();
    given->options.scenario.caller_number("5551234");
    add_script(
        command,
        "URL|PROGRAM",
        given->destination,
        "\nor the path of a classic script, such as ./script.py"
    );
    command
        .add_option("ARGUMENT", given->options.arguments, "Arguments of AGI(): agi_arg_1 and so on")
        ->type_name("");
    given->options.scenario.any_sound(std::chrono::seconds(2));
    add_scenario_options(command, given->options.scenario);
    add_caller_options(command, given->options);
    add_audio_options(command, given->options);
    add_run_options(command, given->options);
    command.footer(kCallEpilogue);
    command.callback([&command, given, &status] { status = run(command, *given); });
}

}  // namespace costrix::tool
