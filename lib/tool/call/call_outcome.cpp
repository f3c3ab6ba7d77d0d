// SPDX-License-Identifier: MIT
// How a call ended: as an exit status, for people, and as JSON.
#include "tool/call/call_outcome.hpp"

#include "tool/formatting.hpp"
#include "tool/json.hpp"
#include "tool/scenario_options.hpp"

#include <algorithm>
#include <set>

namespace costrix::tool {

using testing::Event;
using testing::EventKind;
using testing::FakeAsterisk;

namespace {

std::size_t count(const FakeAsterisk& asterisk, EventKind kind) {
    const auto& events = asterisk.events();
    return static_cast<std::size_t>(std::count_if(
        events.begin(), events.end(), [kind](const Event& event) { return event.kind() == kind; }
    ));
}

/// A caller who hangs up first is no fault of the server's.
bool closed_without_command(const FakeAsterisk& asterisk) {
    return count(asterisk, EventKind::command) == 0 && !asterisk.hung_up();
}

bool lacks_application(const FakeAsterisk& asterisk) {
    const auto lacking = asterisk.texts(EventKind::unsimulated);
    return std::any_of(lacking.begin(), lacking.end(), is_application);
}

// ---------------------------------------------------------------- status and sentence

/// What kept the call from a regular end; empty for nothing.
std::string broken(const LiveCall& call, const CallOptions& options) {
    const auto& asterisk = call.asterisk();
    if (const auto crashes = asterisk.texts(EventKind::crash); !crashes.empty())
        return "the last command would crash Asterisk: " + crashes.front();
    if (closed_without_command(asterisk))
        return options.program.empty() ? "the server closed the connection without a command"
                                       : "the script ended without a command";
    if (!speaks_agi(asterisk))
        return (options.program.empty() ? "this is not a FastAGI server: it sends "
                                        : "this is not an AGI script: it sends ") +
               printable(asterisk.texts(EventKind::command).front());
    return call.trouble();
}

/// AGISTATUS and what it means.
CallOutcome regular_end(const LiveCall& call) {
    const auto& asterisk = call.asterisk();
    const auto ended = "ended after " + in_seconds(asterisk.now(), 1) + " s";
    const auto status = asterisk.agistatus();
    if (status == "HANGUP") {
        const auto by = asterisk.texts(EventKind::hangup);
        return {
            ExitStatus::hangup,
            "hung up by " + (by.empty() ? std::string("the dialplan") : by.front()) + ", " + ended +
                " (AGISTATUS HANGUP)"};
    }
    if (status == "SUCCESS")
        return {ExitStatus::success, "the script " + ended + " (AGISTATUS SUCCESS)"};
    const auto exit_status = call.exit_status().value_or(0);
    const auto why = exit_status == 0
                         ? std::string("a command failed")
                         : "the script's exit status is " + std::to_string(exit_status);
    return {ExitStatus::failure, why + ", " + ended + " (AGISTATUS FAILURE)"};
}

CallOutcome
how_it_ended(const CallOptions& options, const LiveCall& call, std::optional<ExitStatus> cut) {
    const auto after = "after " + in_seconds(call.asterisk().now(), 1) + " s";
    if (cut == ExitStatus::timed_out)
        return {*cut, "cut off " + after + ", which is the time limit"};
    if (cut)
        return {*cut, "cut off " + after};
    if (auto why = broken(call, options); !why.empty())
        return {ExitStatus::broken, std::move(why)};
    auto outcome = regular_end(call);
    if (lacks_application(call.asterisk()))
        outcome.status = ExitStatus::failure;
    return outcome;
}

// ---------------------------------------------------------------- expectations and warnings

std::vector<std::string> unmet(const CallOptions& options, const FakeAsterisk& asterisk) {
    std::vector<std::string> found;
    for (const auto& [name, value] : options.expected) {
        const auto is = asterisk.variable(name);
        if (!is)
            found.push_back(name + " is not set; expected '" + value + "'");
        else if (*is != value)
            found.push_back(name + " is '" + *is + "'; expected '" + value + "'");
    }
    return found;
}

std::string times(std::size_t number) {
    return number == 1 ? "once" : std::to_string(number) + " times";
}

void add_unused_answers(
    const CallOptions& options,
    const FakeAsterisk& asterisk,
    std::vector<std::string>& warnings
) {
    for (const auto& [prompt, answers] : options.scenario.data().responses) {
        const auto begun = asterisk.times_begun(prompt);
        if (begun >= answers.size())
            continue;
        const auto given = "--answer " + answers[begun].keys + (prompt.empty() ? "" : "@" + prompt);
        const auto what =
            prompt.empty() ? std::string("a key was awaited in silence ") : "that sound started ";
        if (begun > 0)
            warnings.push_back(given + ": " + what + times(begun) + " only");
        else if (prompt.empty())
            warnings.push_back(given + ": no key was awaited in silence");
        else
            warnings.push_back(given + ": that sound never started");
    }
    for (const auto& [prompt, after] : options.scenario.data().hangups) {
        if (asterisk.times_begun(prompt) == 0)
            warnings.push_back("--hangup-during " + prompt + ": that sound never started");
    }
}

std::vector<std::string> warnings_of(
    const CallOptions& options,
    const FakeAsterisk& asterisk,
    std::string_view digits_left
) {
    std::vector<std::string> warnings;
    std::set<std::string> lacking;
    for (const auto& what : asterisk.texts(EventKind::unsimulated)) {
        if (lacking.insert(what).second)
            warnings.push_back(describe_lack(what));
    }
    add_unused_answers(options, asterisk, warnings);
    if (!digits_left.empty())
        warnings.push_back("--digits: no command took " + std::string(digits_left));
    const auto& messages = options.scenario.data().messages;
    for (auto i = count(asterisk, EventKind::text); i < messages.size(); ++i)
        warnings.push_back("--text " + messages[i].keys + ": no command asked for it");
    return warnings;
}

Json events_of(const FakeAsterisk& asterisk) {
    Json list = Json::array();
    for (const auto& event : asterisk.events()) {
        Json json;
        json["time"] = seconds(event.time());
        json["kind"] = testing::to_string(event.kind());
        json["text"] = event.text();
        if (event.duration() > std::chrono::nanoseconds{})
            json["duration"] = seconds(event.duration());
        list.push_back(std::move(json));
    }
    return list;
}

}  // namespace

testing::Scenario scenario_of(const CallOptions& options) {
    auto scenario = options.scenario;
    scenario.unique_id(next_unique_id());
    return scenario;
}

CallOutcome outcome_of(
    const CallOptions& options,
    const LiveCall& call,
    std::optional<ExitStatus> cut,
    std::string_view digits_left
) {
    auto outcome = how_it_ended(options, call, cut);
    outcome.warnings = warnings_of(options, call.asterisk(), digits_left);
    outcome.unmet = unmet(options, call.asterisk());
    const auto status = outcome.status;
    const bool regular = status == ExitStatus::success || status == ExitStatus::failure ||
                         status == ExitStatus::hangup;
    // What is expected decides then.
    if (regular && !options.expected.empty())
        outcome.status = outcome.unmet.empty() ? ExitStatus::success : ExitStatus::unexpected;
    return outcome;
}

std::string
call_report(const CallOptions& options, const FakeAsterisk& asterisk, const CallOutcome& outcome) {
    Json json;
    json["url"] = options.program.empty() ? options.url.text : options.program;
    json["agistatus"] = asterisk.agistatus();
    json["exit_status"] = static_cast<int>(outcome.status);
    json["ended"] = outcome.sentence;
    json["duration"] = seconds(asterisk.now());
    json["answered"] = asterisk.answered();
    json["hung_up"] = asterisk.hung_up();
    json["commands"] = count(asterisk, EventKind::command);
    json["continues_at"] = asterisk.continues_at();
    json["variables"] = asterisk.variables();
    json["unmet"] = outcome.unmet;
    json["warnings"] = outcome.warnings;
    json["events"] = events_of(asterisk);
    return to_text(json);
}

}  // namespace costrix::tool
