// SPDX-License-Identifier: MIT
// The options of `costrix call`.
#include "tool/call/call_options.hpp"
#include "tool/formatting.hpp"
#include "tool/option_types.hpp"
#include "tool/scenario_options.hpp"
#include "tool/subcommands.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace costrix::tool {
namespace {

using testing::Scenario;

constexpr const char* kCallEpilogue = R"(Exit status:
  0  AGISTATUS SUCCESS: the script ended, the caller is still there
  1  AGISTATUS FAILURE: a command failed; or an application that the simulation lacks
  2  the command line makes no sense, or the program cannot be started
  3  AGISTATUS HANGUP: either side hung up
  4  no connection
  5  no FastAGI server, or it broke off: no command at all, or the end within one
  6  --timeout passed first
  7  with --expect-variable, in place of 0, 1 and 3: not all are as expected; 0: all are
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
    app.add_option("--digits", options.digits, "Presses these, whenever the script takes keys")
        ->type_name("KEYS")
        ->group(group);
    const auto think = [&](std::chrono::nanoseconds time) { options.think = time; };
    add_duration(app, "--think", think, "Before the first of --digits at a prompt, 0.5s without")
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
        "Presses keys when this sound begins; once more: the second time.\n"
        "No PROMPT: when a key is waited for in silence"
    )
        ->group(group);
    const auto after = [&](std::chrono::nanoseconds time) { scenario.hang_up_after(time); };
    add_duration(app, "--hangup-after", after, "Hangs up so long after the start")->group(group);
    const auto during = [&](const std::string& prompt) { scenario.hang_up_during(prompt); };
    add_each(app, "--hangup-during", "PROMPT", during, "Hangs up 0.5 s into this sound")
        ->group(group);
    const auto text = [&](const std::string& message) { scenario.send_text_when_asked(message); };
    add_each(app, "--text", "MESSAGE", text, "Answers RECEIVE TEXT with this")->group(group);
    const auto talk = [&](std::chrono::nanoseconds time) { scenario.talks_for(time); };
    add_duration(app, "--talk", talk, "Talks for so long into a recording, then is silent")
        ->group(group);
}

void add_run_options(CLI::App& app, CallOptions& options) {
    constexpr const char* group = "Running";
    app.add_option(
           "--speed",
           options.speed,
           "How many times faster than real time the call's clock runs, 1\n"
           "without; what the script itself needs counts that much more"
    )
        ->check(number_within(0.01, 1e6))
        ->type_name("FACTOR")
        ->group(group);
    add_duration(
        app,
        "--timeout",
        [&](auto time) { options.timeout = time; },
        "Gives up when the call is not over by then"
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
        "What a channel variable must be after the call, AGISTATUS too;\n"
        "the exit status tells"
    )
        ->group(group);
    app.add_flag("--json", options.json, "Prints the call as one JSON object when it is over")
        ->group(group);
    app.add_flag("--quiet,-q", options.quiet, "Prints only how the call ended")->group(group);
    app.add_flag(
           "--wire,!--no-wire", options.wire, "Prints commands and replies as well; the default"
    )
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
        "call", "Places a simulated call, with the terminal as its phone or by itself"
    );
    const auto given = std::make_shared<CallArguments>();
    given->options.scenario.caller_number("5551234");
    command
        .add_option(
            "URL|PROGRAM",
            given->destination,
            "The script, as in the dialplan: agi://HOST[:PORT][/PATH][,ARGUMENT]...\n"
            "or the path of a classic script, such as ./script.py"
        )
        ->required()
        ->type_name("");
    command
        .add_option("ARGUMENT", given->options.arguments, "Arguments of AGI(): agi_arg_1 and so on")
        ->type_name("");
    given->options.scenario.any_sound(std::chrono::seconds(2));
    add_scenario_options(command, given->options.scenario);
    add_caller_options(command, given->options);
    add_run_options(command, given->options);
    command.footer(kCallEpilogue);
    command.callback([&command, given, &status] { status = run(command, *given); });
}

}  // namespace costrix::tool
