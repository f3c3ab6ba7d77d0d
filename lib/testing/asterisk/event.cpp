// SPDX-License-Identifier: MIT
// Events and how they read to people.

#include <costrix/testing/event.hpp>

#include <array>
#include <cstddef>
#include <cstdio>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {

namespace {

struct Wording {
    std::string_view name;
    std::string_view before;
    std::string_view after;
};

// In the order of EventKind.
constexpr std::array<Wording, 19> kWordings{{
    {"command", "script: ", ""},
    {"reply", "asterisk: ", ""},
    {"dropped", "no reply to ", ", which was interrupted"},
    {"hangup_line", "asterisk: ", ""},
    {"signal", "sends ", " to the script"},
    {"played", "plays ", ""},
    {"missing_sound", "has no sound file ", ""},
    {"said", "says ", ""},
    {"key", "caller presses ", ""},
    {"text", "caller sends the text ", ""},
    {"sent", "sends the caller ", ""},
    {"log", "console: ", ""},
    {"answered", "the channel is up", ""},
    {"hangup", "hung up by ", ""},
    {"closed", "AGI ends, AGISTATUS=", ""},
    {"crash", "Asterisk would have died: ", ""},
    {"unsimulated", "the simulation has no ", ""},
    {"audio_open", "connects the caller's audio to ", ""},
    {"audio_over", "the audio connection is over: ", ""},
}};

const Wording& wording(EventKind kind) noexcept {
    return kWordings[static_cast<std::size_t>(kind)];
}

}  // namespace

Event::Event(
    std::chrono::nanoseconds time,
    EventKind kind,
    std::string text,
    std::chrono::nanoseconds duration
)
    : time_(time), kind_(kind), text_(std::move(text)), duration_(duration) {}

std::string_view to_string(EventKind kind) noexcept {
    return wording(kind).name;
}

std::string describe(const Event& event) {
    const auto& words = wording(event.kind());
    std::string line(words.before);
    line += event.text();
    line += words.after;
    if (event.duration() > std::chrono::nanoseconds::zero()) {
        std::array<char, 32> seconds{};
        const std::chrono::duration<double> length = event.duration();
        std::snprintf(seconds.data(), seconds.size(), " (%.2f s)", length.count());
        line += seconds.data();
    }
    return line;
}

}  // namespace costrix::inline COSTRIX_ABI::testing
