// SPDX-License-Identifier: MIT
// A recorded session as a conversation of three, and how it reads in a terminal.
#include "tool/recording/recorded_steps.hpp"

#include "tool/formatting.hpp"
#include "tool/terminal.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace costrix::tool {

using testing::Transcript;
using testing::TranscriptKind;
using testing::TranscriptRecord;

namespace {

/// How a happening begins, and who does what to whom then.
struct Happening {
    std::string_view beginning;
    Party from, to;
    std::string_view text;  ///< what stands for the beginning
};

constexpr std::array<Happening, 8> kHappenings{{
    {"the caller presses ", Party::caller, Party::asterisk, "presses "},
    {"the caller hangs up", Party::caller, Party::asterisk, "hangs up"},
    {"the caller sends the text ", Party::caller, Party::asterisk, "sends the text "},
    {"the caller ", Party::caller, Party::asterisk, ""},
    {"asterisk closes the connection", Party::asterisk, Party::script, "closes the connection"},
    {"the script receives ", Party::asterisk, Party::script, "sends "},
    {"script ", Party::script, Party::asterisk, ""},
    {"the script ", Party::script, Party::asterisk, ""},
}};

Step to_step(std::chrono::nanoseconds time, const TranscriptRecord& record) {
    if (record.kind == TranscriptKind::asterisk)
        return {time, Party::asterisk, Party::script, record.text};
    if (record.kind == TranscriptKind::script)
        return {time, Party::script, Party::asterisk, record.text};
    if (record.kind == TranscriptKind::happening) {
        for (const auto& row : kHappenings) {
            if (record.text.starts_with(row.beginning)) {
                auto text = std::string(row.text) + record.text.substr(row.beginning.size());
                return {time, row.from, row.to, std::move(text)};
            }
        }
    }
    return {time, Party::asterisk, Party::asterisk, record.text, true};
}

/// Audio lines in what a recording tells: when they open and end, and keys; not their sound.
class AudioSteps {
public:
    /// The step of this record, if it has one; `time` is the session's.
    std::optional<Step> next(std::chrono::nanoseconds time, const TranscriptRecord& record) {
        using Kind = agi::AudioEvent::Kind;
        std::string bytes;
        const auto event = record.audio(bytes);
        if (event.kind == Kind::samples)
            return std::nullopt;
        if (event.kind == Kind::open)
            begun_[event.line] = time - event.position;
        const auto at = begun_[event.line] + event.position;
        const auto name = "audio line " + std::to_string(event.line);
        if (event.kind == Kind::key)
            return Step{at, Party::caller, Party::script, "presses " + bytes + " on " + name};
        const auto from = event.sent ? Party::script : Party::asterisk;
        const auto to = event.sent ? Party::asterisk : Party::script;
        return Step{at, from, to, (event.kind == Kind::open ? "opens " : "ends ") + name};
    }

private:
    std::map<std::uint64_t, std::chrono::nanoseconds> begun_;
};

/// Where the environment block ends: behind its empty line; 0 without one.
std::size_t environment_end(const std::vector<TranscriptRecord>& records) {
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto& record = records[i];
        if (record.kind == TranscriptKind::script)
            return 0;
        if (record.kind == TranscriptKind::asterisk && record.text.empty())
            return i + 1;
    }
    return 0;
}

std::string_view name(Party party) {
    constexpr std::array<std::string_view, 3> names{"caller", "asterisk", "script"};
    return names[static_cast<std::size_t>(party)];
}

std::string_view colour(Party party) {
    constexpr std::array<std::string_view, 3> colours{"33", "32", "36"};
    return colours[static_cast<std::size_t>(party)];
}

}  // namespace

std::vector<Step> conversation(const Transcript& transcript) {
    const auto& records = transcript.records();
    std::vector<Step> steps;
    std::chrono::nanoseconds time{};
    bool told_hangup = false;
    AudioSteps audio;
    for (auto i = environment_end(records); i < records.size(); ++i) {
        if (records[i].is_audio()) {
            if (auto step = audio.next(time, records[i]))
                steps.push_back(*std::move(step));
            continue;
        }
        if (const auto passed = records[i].passed())
            time += *passed;
        else
            steps.push_back(to_step(time, records[i]));
        const bool hangup =
            records[i].kind == TranscriptKind::asterisk && records[i].text == "HANGUP";
        // Asterisk writes it when it notices the hangup, and once more when AGI() is over.
        if (hangup && std::exchange(told_hangup, true))
            steps.back().text += " (again, as AGI() ends)";
    }
    return steps;
}

// A recording ends with how the call did, or says that it is cut off by design.
bool is_whole(const Transcript& transcript) {
    const auto& records = transcript.records();
    const auto wire = [](const TranscriptRecord& record) {
        return record.kind == TranscriptKind::asterisk || record.kind == TranscriptKind::script;
    };
    const auto last = std::find_if(records.rbegin(), records.rend(), wire);
    return std::any_of(records.rbegin(), last, [](const TranscriptRecord& record) {
        const bool caller = record.text.starts_with("the caller ");
        return record.kind == TranscriptKind::happening ? !caller
                                                        : record.text.starts_with("cut off");
    });
}

std::string describe_call(const Transcript& transcript) {
    auto environment = transcript.environment();
    if (environment.empty())
        return {};
    const auto& number = environment["callerid"];
    return fmt::format(
        "{} calls {}@{}, script {}, Asterisk {}",
        number.empty() || number == "unknown" ? "somebody" : number,
        environment["extension"],
        environment["context"],
        environment["request"],
        environment["version"]
    );
}

std::string conversation_text(const Transcript& transcript, bool with_environment, bool coloured) {
    std::string text = printable(describe_call(transcript)) + "\n";
    if (const auto shows = transcript.header("shows"); !shows.empty())
        text += printable(shows) + "\n";
    if (with_environment) {
        for (const auto& [key, value] : transcript.environment())
            text += "  " + printable("agi_" + key + ": " + value) + "\n";
    }
    text += "\n";
    for (const auto& step : conversation(transcript)) {
        if (step.remark) {
            const auto line = fmt::format("{:13}-- {}", "", printable(step.text));
            text += (coloured ? styled("2", line) : line) + "\n";
            continue;
        }
        const auto who = fitted(name(step.from), 10);
        text += fmt::format(
            "{:>9}  {}{}\n",
            in_seconds(step.time),
            coloured ? styled(colour(step.from), who) : who,
            printable(step.text)
        );
    }
    return text;
}

}  // namespace costrix::tool
