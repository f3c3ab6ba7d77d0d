// SPDX-License-Identifier: MIT
// What the phone in the terminal knows of its call, from the events alone.
#include "tool/call/phone_state.hpp"

#include "tool/formatting.hpp"

#include <string_view>

namespace costrix::tool {

using std::chrono::nanoseconds;
using testing::Event;
using testing::EventKind;

void PhoneState::observe(const Event& event) {
    add(event);
    switch (event.kind()) {
    case EventKind::command:
        command_ = event.text();
        since_ = event.time();
        break;
    case EventKind::reply:
        // GOSUB's 100 is not its end.
        if (event.text().starts_with('1'))
            break;
        [[fallthrough]];
    case EventKind::dropped:
    case EventKind::closed:
        command_.clear();
        sound_.reset();
        since_ = event.time();
        break;
    case EventKind::played:
    case EventKind::said:
        sound_ = Sound{event.text(), event.time(), event.duration()};
        break;
    case EventKind::key:
        keys_ += event.text();
        key_time_ = event.time();
        break;
    default:
        break;
    }
}

std::optional<PhoneState::Sound> PhoneState::sound(nanoseconds now) const {
    const bool playing = sound_ && now < sound_->begun + sound_->length;
    return playing ? sound_ : std::nullopt;
}

std::optional<char> PhoneState::lit_key(nanoseconds now) const {
    constexpr auto moment = std::chrono::milliseconds(300);
    const bool lit = !keys_.empty() && now < key_time_ + moment;
    return lit ? std::optional(keys_.back()) : std::nullopt;
}

// A reply over several lines becomes several entries.
void PhoneState::add(const Event& event) {
    const auto kind = event.kind();
    const bool wire =
        kind == EventKind::command || kind == EventKind::reply || kind == EventKind::hangup_line;
    const auto described = testing::describe(event);
    std::string_view rest(described);
    while (true) {
        const auto end = rest.find('\n');
        history_.push_back({event.time(), printable(rest.substr(0, end)), wire});
        if (end == std::string_view::npos)
            return;
        rest.remove_prefix(end + 1);
    }
}

}  // namespace costrix::tool
