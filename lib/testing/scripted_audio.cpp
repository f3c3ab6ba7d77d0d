// SPDX-License-Identifier: MIT
// The audio connections of a Conversation.
#include "testing/scripted_audio.hpp"

#include "testing/asterisk/audio_applications.hpp"
#include "testing/asterisk/dialplan_applications.hpp"

#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// A whisper is heard whatever Asterisk plays: what it plays, the conversation does not know.
ScriptedAudio::ScriptedAudio(std::function<void()> changed) {
    audio_.caller().changed = std::move(changed);
    audio_.caller().play_tones(true);
}

bool ScriptedAudio::connect(
    const std::vector<std::string>& words,
    AudioLeg::Kind kind,
    std::shared_ptr<const RecordedAudio> recording
) {
    const auto arguments = words.size() > 2 ? words[2] : std::string();
    auto rate = kCallerRate;
    std::optional<AudioAddress> address;
    if (kind == AudioLeg::Kind::talk) {
        address = AudioAddress::parse(argument(arguments, 1), argument(arguments, 0));
    } else if (auto tap = parse_tap(arguments)) {
        address = std::move(tap->address);
        rate = tap->sample_rate;
        kind = tap->whispers ? AudioLeg::Kind::whisper : AudioLeg::Kind::listen;
    }
    if (!address)
        return false;
    last_ = audio_.connect(std::move(*address), kind, rate);
    if (recording) {
        replayed_.push_back(std::make_shared<ReplayedAudio>(std::move(recording)));
        last_->follow(replayed_.back());
    }
    return true;
}

ScriptedAudio::Time ScriptedAudio::begin(const RecordedAudio& recording) {
    const auto now = audio_.caller().now;
    for (const auto& line : replayed_) {
        if (&line->recorded() == &recording)
            line->begin(origin_of_line(now));
    }
    return recording.opened_at - (now - origin_of_line(now));
}

std::optional<AudioDifference> ScriptedAudio::difference() const {
    for (const auto& line : replayed_) {
        if (auto found = line->difference())
            return found;
    }
    return std::nullopt;
}

void ScriptedAudio::press(std::string_view keys) {
    for (const char key : keys) {
        if (last_)
            last_->key(key);
    }
}

void ScriptedAudio::end_talk() {
    if (last_ && last_->kind() == AudioLeg::Kind::talk)
        last_->close();
}

void ScriptedAudio::advance_to(Time now) {
    audio_.caller().now = now;
    audio_.act();
    audio_.report([](const AudioLeg&) {});
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
