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
    Json json;
    json["url"] = options.url.text;
    json["agistatus"] = asterisk.agistatus();
    json["exit_status"] = static_cast<int>(status);
    json["ended"] = describe_end(asterisk, status);
    json["duration"] = seconds(asterisk.now());
    json["answered"] = asterisk.answered();
    json["hung_up"] = asterisk.hung_up();
    json["commands"] = count(asterisk, EventKind::command);
    json["continues_at"] = asterisk.continues_at();
    json["variables"] = asterisk.variables();
    json["events"] = events_of(asterisk);
    return to_text(json);
}

}  // namespace costrix::tool
