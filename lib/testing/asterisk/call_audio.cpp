// SPDX-License-Identifier: MIT
// The audio connections of a simulated call.
#include "testing/asterisk/call_audio.hpp"

#include <algorithm>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {

std::shared_ptr<AudioLeg>
CallAudio::connect(AudioAddress address, AudioLeg::Kind kind, unsigned sample_rate) {
    auto leg = std::make_shared<AudioLeg>(caller_, std::move(address), kind, sample_rate);
    legs_.push_back({leg});
    new_.push_back(leg);
    return leg;
}

std::vector<std::shared_ptr<AudioLeg>> CallAudio::take_new() {
    return std::exchange(new_, {});
}

bool CallAudio::is_open() const noexcept {
    return std::any_of(legs_.begin(), legs_.end(), [](const Known& known) {
        return known.leg->state() == AudioLeg::State::open;
    });
}

std::optional<CallAudio::Time> CallAudio::next_due() const {
    std::optional<Time> next;
    for (const auto& known : legs_) {
        if (const auto due = known.leg->next_due(); due && (!next || *due < *next))
            next = due;
    }
    return next;
}

void CallAudio::act() {
    for (const auto& known : legs_) {
        if (const auto due = known.leg->next_due(); due && *due <= caller_->now)
            known.leg->act();
    }
}

void CallAudio::hang_up() {
    for (const auto& known : legs_)
        known.leg->hang_up();
}

void CallAudio::report(const std::function<void(const AudioLeg&)>& tell) {
    for (auto& known : legs_) {
        if (std::exchange(known.told, known.leg->state()) != known.leg->state())
            tell(*known.leg);
    }
    std::erase_if(legs_, [](const Known& known) { return !known.leg->alive(); });
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
