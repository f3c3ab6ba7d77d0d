// SPDX-License-Identifier: MIT
// The options of `costrix call`.
#include "tool/call/call.hpp"
#include "tool/commands.hpp"
#include "tool/option_types.hpp"
#include "tool/text.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace costrix::tool {
namespace {

using testing::Scenario;

constexpr const char* kEpilogue = R"(Exit status:
  0  AGISTATUS SUCCESS: the script ended, the caller is still there
  1  AGISTATUS FAILURE: a command failed
  2  the command line makes no sense
  3  AGISTATUS HANGUP: either side hung up
  4  no connection
  5  the server broke the protocol, or sent no command at all
  6  --timeout passed first

Examples:
  costrix call agi://127.0.0.1/menu
  costrix call agi://127.0.0.1/menu --answer 7@vm-options --answer 2@vm-options
  costrix call agi://127.0.0.1/pin/1234 --digits '1234#' --json | jq .variables)";

/// What the parser fills in; it outlives the parsing.
struct Given {
    CallOptions options;
    std::string url;
    std::vector<std::string> arguments;
};

std::size_t split_at(const std::string& text, char mark, const char* form) {
    const auto at = text.find(mark);
    if (at == std::string::npos)
        throw CLI::ValidationError("'" + text + "' is not of the form " + form);
    return at;
}

void check_keys(const std::string& keys) {
    if (keys.find_first_not_of("0123456789*#ABCD") != std::string::npos)
        throw CLI::ValidationError("'" + keys + "' has something that is no key: 0-9 * # A-D");
}

/// An option that may be given again and again; `form` is what its value looks like.
template <class Take>
CLI::Option*
add_each(CLI::App& app, const char* name, const char* form, Take take, const char* description) {
    const auto all = [take](const std::vector<std::string>& values) {
        for (const auto& value : values)
            take(value);
    };
    auto* const option = app.add_option_function<std::vector<std::string>>(name, all, description);
    return option->type_name(form)->allow_extra_args(false);
}

void add_who_calls(CLI::App& app, Scenario& scenario) {
    constexpr const char* group = "Who calls";
    using Setter = Scenario& (Scenario::*)(std::string);
    const auto text = [&](const char* name, const char* form, Setter set, const char* description) {
        const auto take = [&scenario, set](const std::string& value) { (scenario.*set)(value); };
        app.add_option_function<std::string>(name, take, description)
            ->type_name(form)
            ->group(group);
    };
    text("--caller", "NUMBER", &Scenario::caller_number, "Caller ID, 5551234 without; '' is none");
    text("--caller-name", "NAME", &Scenario::caller_name, "Caller ID name");
    text("--dnid", "NUMBER", &Scenario::dnid, "The number that was dialled");
    text("--rdnis", "NUMBER", &Scenario::rdnis, "The number that redirected the call");
    text("--channel", "NAME", &Scenario::channel, "The channel, such as PJSIP/alice-00000001");
    text("--language", "CODE", &Scenario::language, "The channel's language, en without");
    text("--account-code", "CODE", &Scenario::account_code, "The account code");
    const auto place = [&scenario](const std::string& value) {
        const auto comma = split_at(value, ',', "CONTEXT,EXTENSION");
        scenario.location(value.substr(0, comma), value.substr(comma + 1));
    };
    app.add_option_function<std::string>("--at", place, "Where in the dialplan AGI() stands")
        ->type_name("CONTEXT,EXTENSION")
        ->group(group);
}

void add_channel(CLI::App& app, Scenario& scenario) {
    constexpr const char* group = "The simulated Asterisk";
    const auto flag = [&](const char* name, std::function<void()> set, const char* description) {
        app.add_flag_callback(name, std::move(set), description)->group(group);
    };
    flag(
        "--answered", [&] { scenario.answered(); }, "The dialplan has answered already"
    );
    flag(
        "--dead", [&] { scenario.dead(); }, "AGI() runs in the h extension: a dead channel"
    );
    flag(
        "--no-sighup", [&] { scenario.agisighup(false); }, "AGISIGHUP=no: no HANGUP line"
    );
    const auto exits = [&] { scenario.exit_on_hangup(); };
    flag("--exit-on-hangup", exits, "AGIEXITONHANGUP=yes: a hangup ends the session");
    const auto version = [&](const std::string& value) { scenario.version(value); };
    app.add_option_function<std::string>("--asterisk-version", version, "22.10.1 without")
        ->type_name("VERSION")
        ->group(group);
    const auto set = [&](const std::string& value) {
        const auto equals = split_at(value, '=', "NAME=VALUE");
        scenario.variable(value.substr(0, equals), value.substr(equals + 1));
    };
    add_each(app, "--set", "NAME=VALUE", set, "A channel variable")->group(group);
    const auto put = [&](const std::string& value) {
        const auto slash = split_at(value, '/', "FAMILY/KEY=VALUE");
        const auto equals = split_at(value, '=', "FAMILY/KEY=VALUE");
        const auto key = value.substr(slash + 1, equals - std::min(equals, slash + 1));
        scenario.database(value.substr(0, slash), key, value.substr(equals + 1));
    };
    add_each(app, "--database", "FAMILY/KEY=VALUE", put, "An entry of Asterisk's database")
        ->group(group);
}

void add_sounds(CLI::App& app, Scenario& scenario) {
    constexpr const char* group = "The simulated Asterisk";
    scenario.any_sound(std::chrono::seconds(2));
    const auto any = [&](std::chrono::nanoseconds length) { scenario.any_sound(length); };
    add_duration(app, "--sounds", any, "How long a sound file plays, 2s without")->group(group);
    const auto sound = [&](const std::string& value) {
        const auto equals = split_at(value, '=', "NAME=DURATION");
        scenario.sound(value.substr(0, equals), checked_duration(value.substr(equals + 1)));
    };
    add_each(app, "--sound", "NAME=DURATION", sound, "How long this one plays")->group(group);
    const auto missing = [&](const std::string& value) { scenario.without_sound(value); };
    add_each(app, "--no-sound", "NAME", missing, "A sound file that does not exist")->group(group);
    const auto dial = [&](const std::string& value) {
        const auto equals = split_at(value, '=', "DESTINATION=STATUS[,DURATION]");
        const auto comma = std::min(value.find(',', equals), value.size());
        const auto status = value.substr(equals + 1, comma - equals - 1);
        std::chrono::nanoseconds after{};
        if (comma < value.size())
            after = checked_duration(value.substr(comma + 1));
        scenario.dial(value.substr(0, equals), status, after);
    };
    add_each(app, "--dial", "DESTINATION=STATUS[,DURATION]", dial, "What Dial ends with")
        ->group(group);
}

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
        const auto mark = split_at(value, '@', "KEYS@PROMPT");
        check_keys(value.substr(0, mark));
        scenario.answer_prompt(value.substr(mark + 1), value.substr(0, mark));
    };
    add_each(
        app,
        "--answer",
        "KEYS@PROMPT",
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
          "--timeout",
          "--wire"}) {
        if (app.count(option) > 0)
            return false;
    }
    return isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
}

ExitStatus run(const CLI::App& app, Given& given) {
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
    const auto given = std::make_shared<Given>();
    given->options.scenario.caller_number("5551234");
    command
        .add_option("URL", given->url, "The script, as in the dialplan: agi://HOST[:PORT][/PATH]")
        ->required()
        ->type_name("");
    command.add_option("ARGUMENT", given->arguments, "Arguments of AGI(): agi_arg_1 and so on")
        ->type_name("");
    add_who_calls(command, given->options.scenario);
    add_channel(command, given->options.scenario);
    add_sounds(command, given->options.scenario);
    add_deeds(command, given->options);
    add_running(command, given->options);
    command.footer(kEpilogue);
    command.callback([&command, given, &status] { status = run(command, *given); });
}

}  // namespace costrix::tool
