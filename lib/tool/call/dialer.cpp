// SPDX-License-Identifier: MIT
// A caller who presses given keys, one after the other, whenever the script listens for keys.
#include "tool/call/dialer.hpp"

#include "tool/call/key_commands.hpp"

#include <utility>

namespace costrix::tool {

using testing::EventKind;

namespace {

// A key takes 0.1 s of it to be pressed and released.
constexpr auto kPace = std::chrono::milliseconds(250);

}  // namespace

Dialer::Dialer(std::string keys, std::chrono::nanoseconds think)
    : keys_(std::move(keys)), think_(think) {}

void Dialer::observe(const testing::Event& event) {
    switch (event.kind()) {
    case EventKind::command:
        if (!keys_.empty() && listens(event.text()))
            due_ = event.time() + think_;
        break;
    case EventKind::reply:
    case EventKind::dropped:
    case EventKind::hangup:
    case EventKind::closed:
        due_.reset();
        break;
    default:
        break;
    }
}

void Dialer::press_due(testing::FakeAsterisk& asterisk, std::chrono::nanoseconds now) {
    while (due_ && *due_ <= now) {
        if (const auto early = *due_ - asterisk.now(); early.count() > 0) {
            asterisk.advance(early);  // what listens may have ended in the meantime
            continue;
        }
        asterisk.press(keys_.front());
        keys_.erase(0, 1);
        due_ = keys_.empty() ? std::nullopt : std::optional(*due_ + kPace);
    }
}

}  // namespace costrix::tool
