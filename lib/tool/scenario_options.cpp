// SPDX-License-Identifier: MIT
// Options that say who calls, and what the simulated Asterisk has.
#include "tool/scenario_options.hpp"

#include "testing/asterisk/call_applications.hpp"
#include "tool/option_types.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::tool {
namespace {

using testing::Scenario;

constexpr std::string_view kApplication = "application ";

void add_who_calls(CLI::App& app, Scenario& scenario) {
    constexpr const char* group = "Who calls";
    using Setter = Scenario& (Scenario::*)(std::string);
    const auto text = [&](const char* name, const char* form, Setter set, const char* description) {
        const auto take = [&scenario, set](const std::string& value) { (scenario.*set)(value); };
        app.add_option_function<std::string>(name, take, description)
            ->type_name(form)
            ->group(group);
    };
    text(
        "--caller", "NUMBER", &Scenario::caller_number, "Caller ID; 5551234 by default, '' is none"
    );
    text("--caller-name", "NAME", &Scenario::caller_name, "Caller ID name");
    text("--dnid", "NUMBER", &Scenario::dnid, "The number that was dialled");
    text("--rdnis", "NUMBER", &Scenario::rdnis, "The number that redirected the call");
    text("--channel", "NAME", &Scenario::channel, "The channel, such as PJSIP/alice-00000001");
    text("--language", "CODE", &Scenario::language, "The channel's language; en by default");
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
        "--answered", [&] { scenario.answered(); }, "The dialplan has already answered"
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
    app.add_option_function<std::string>("--asterisk-version", version, "22.10.1 by default")
        ->type_name("VERSION")
        ->group(group);
    const auto set = [&](const std::string& value) {
        auto [name, content] = split_assignment(value);
        scenario.variable(std::move(name), std::move(content));
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

/// NAME[=STATUS][,DURATION]
void add_application(Scenario& scenario, const std::string& text) {
    const auto comma = std::min(text.find(','), text.size());
    const auto equals = std::min(text.find('='), comma);
    const auto name = text.substr(0, equals);
    if (name.empty())
        throw CLI::ValidationError("'" + text + "' is not of the form NAME[=STATUS][,DURATION]");
    testing::ApplicationOutcome outcome;
    if (equals < comma)
        outcome.sets(
            testing::detail::status_variable(name), text.substr(equals + 1, comma - equals - 1)
        );
    if (comma < text.size())
        outcome.after(checked_duration(text.substr(comma + 1)));
    scenario.application(name, outcome);
}

void add_sounds(CLI::App& app, Scenario& scenario) {
    constexpr const char* group = "The simulated Asterisk";
    const auto any = [&](std::chrono::nanoseconds length) { scenario.any_sound(length); };
    add_duration(app, "--sounds", any, "How long every other sound file plays")->group(group);
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

}  // namespace

void add_application_option(CLI::App& app, Scenario& scenario) {
    add_each(
        app,
        "--app",
        "NAME[=STATUS][,DURATION]",
        [&scenario](const std::string& value) { add_application(scenario, value); },
        "Adds an application for EXEC; its status goes into NAMESTATUS"
    )
        ->group("The simulated Asterisk");
}

bool is_application(const std::string& what) {
    return what.starts_with(kApplication);
}

std::string describe_lack(const std::string& what) {
    const auto text = "the simulation has no " + what;
    if (!is_application(what))
        return text;
    return text + ": give it an outcome, --app '" + what.substr(kApplication.size()) +
           "=STATUS,DURATION'";
}

std::string next_unique_id() {
    static unsigned calls = 0;
    return fmt::format("{}.{}{:06}", std::time(nullptr), getpid(), ++calls);
}

void add_scenario_options(CLI::App& app, Scenario& scenario) {
    add_who_calls(app, scenario);
    add_channel(app, scenario);
    add_sounds(app, scenario);
    add_application_option(app, scenario);
}

}  // namespace costrix::tool
