// SPDX-License-Identifier: MIT
// The options of `costrix call`.
#include "tool/call/call.hpp"
#include "tool/commands.hpp"
#include "tool/option_types.hpp"
#include "tool/scenario_options.hpp"
#include "tool/text.hpp"

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
  1  AGISTATUS FAILURE: a command failed
  2  the command line makes no sense
  3  AGISTATUS HANGUP: either side hung up
  4  no connection
  5  the server broke the protocol, or sent no command at all
  6  --timeout passed first
  130  interrupted

Examples:
  costrix call agi://127.0.0.1/menu
  costrix call agi://127.0.0.1/menu --answer 7@vm-options --answer 2@vm-options
  costrix call agi://127.0.0.1/pin/1234 --digits '1234#' --json | jq .variables)";

/// What the parser fills in; it outlives the parsing.
struct CallArguments {
    CallOptions options;
    std::string url;
    std::vector<std::string> arguments;
};

void add_deeds(CLI::App& app, CallOptions& options) {
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
        scenario.answer_prompt(value.substr(std::min(mark + 1, value.size())), keys);
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
    const auto text = [&](const std::string& message) { scenario.answer_text(message); };
    add_each(app, "--text", "MESSAGE", text, "Answers RECEIVE TEXT with this")->group(group);
    const auto talk = [&](std::chrono::nanoseconds time) { scenario.talks_for(time); };
    add_duration(app, "--talk", talk, "Talks for so long into a recording, then is silent")
        ->group(group);
}

void add_running(CLI::App& app, CallOptions& options) {
    constexpr const char* group = "Running";
    app.add_option("--speed", options.speed, "How many times faster than real time, 1 without")
        ->check(CLI::Range(0.01, 1e6))
        ->type_name("FACTOR")
        ->group(group);
    add_duration(
        app,
        "--timeout",
        [&](auto time) { options.timeout = time; },
        "Gives up when the call is not over by then"
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
          "--hangup-after",
          "--hangup-during",
          "--json",
          "--quiet",
          "--talk",
          "--text",
          "--timeout",
          "--wire"}) {
        if (app.count(option) > 0)
            return false;
    }
    return isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
}

ExitStatus run(const CLI::App& app, CallArguments& given) {
    auto& options = given.options;
    options.url = checked_url(given.url);
    check_keys(options.digits);
    const auto now = std::time(nullptr);
    options.scenario.url(given.url).args(given.arguments);
    options.scenario.epoch(now).unique_id(std::to_string(now) + ".1");
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
        .add_option("URL", given->url, "The script, as in the dialplan: agi://HOST[:PORT][/PATH]")
        ->required()
        ->type_name("");
    command.add_option("ARGUMENT", given->arguments, "Arguments of AGI(): agi_arg_1 and so on")
        ->type_name("");
    given->options.scenario.any_sound(std::chrono::seconds(2));
    add_scenario_options(command, given->options.scenario);
    add_deeds(command, given->options);
    add_running(command, given->options);
    command.footer(kCallEpilogue);
    command.callback([&command, given, &status] { status = run(command, *given); });
}

}  // namespace costrix::tool
