// SPDX-License-Identifier: MIT
// How a call ended: as an exit status, for people, and as JSON.
#include "tool/call/call.hpp"
#include "tool/json.hpp"
#include "tool/text.hpp"

#include <algorithm>

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

double seconds(std::chrono::nanoseconds span) {
    return std::chrono::duration<double>(span).count();
}

void write_events(JsonWriter& json, const FakeAsterisk& asterisk) {
    json.key("events").begin_array();
    for (const auto& event : asterisk.events()) {
        json.begin_object();
        json.member("time", seconds(event.time()));
        json.member("kind", testing::to_string(event.kind()));
        json.member("text", event.text());
        if (event.duration() > std::chrono::nanoseconds{})
            json.member("duration", seconds(event.duration()));
        json.end_object();
    }
    json.end_array();
}

}  // namespace

ExitStatus how_it_ended(const FakeAsterisk& asterisk) {
    if (count(asterisk, EventKind::crash) > 0 || closed_without_command(asterisk))
        return ExitStatus::broken;
    const auto status = asterisk.agistatus();
    if (status == "SUCCESS")
        return ExitStatus::success;
    return status == "HANGUP" ? ExitStatus::hangup : ExitStatus::failure;
}

std::string describe_end(const FakeAsterisk& asterisk, ExitStatus status) {
    const auto after = "after " + in_seconds(asterisk.now(), 1) + " s";
    if (status == ExitStatus::timed_out)
        return "cut off " + after + ", which is the time limit";
    if (status == ExitStatus::interrupted)
        return "cut off " + after;
    if (const auto crashes = asterisk.texts(EventKind::crash); !crashes.empty())
        return "Asterisk would have died of the last command: " + crashes.front();
    if (closed_without_command(asterisk))
        return "the server closed the connection without a single command";
    if (status == ExitStatus::success)
        return "the script ended " + after + " (AGISTATUS SUCCESS)";
    if (status == ExitStatus::hangup) {
        const auto by = asterisk.texts(EventKind::hangup);
        return "hung up by " + (by.empty() ? std::string("the dialplan") : by.front()) +
               ", ended " + after + " (AGISTATUS HANGUP)";
    }
    return "a command failed, ended " + after + " (AGISTATUS FAILURE)";
}

std::string
call_report(const CallOptions& options, const FakeAsterisk& asterisk, ExitStatus status) {
    JsonWriter json;
    json.begin_object();
    json.member("url", options.url.text);
    json.member("agistatus", asterisk.agistatus());
    json.member("exit_status", static_cast<int>(status));
    json.member("ended", describe_end(asterisk, status));
    json.member("duration", seconds(asterisk.now()));
    json.member("answered", asterisk.answered());
    json.member("hung_up", asterisk.hung_up());
    json.member("commands", count(asterisk, EventKind::command));
    json.member("continues_at", asterisk.continues_at());
    json.key("variables").begin_object();
    for (const auto& [name, value] : asterisk.variables())
        json.member(name, value);
    json.end_object();
    write_events(json, asterisk);
    json.end_object();
    return json.text();
}

}  // namespace costrix::tool
