// SPDX-License-Identifier: MIT
// The audio connections of a Conversation.
#pragma once

#include "testing/asterisk/call_audio.hpp"
#include "testing/recorded_audio.hpp"

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// What a Conversation's caller says and hears.
class ScriptedAudio {
public:
    using Time = std::chrono::nanoseconds;

    /// `changed` is called when a connection was made, or is over.
    explicit ScriptedAudio(std::function<void()> changed);

    /// Asterisk connects as this command says; false if that says nothing of the kind. With a
    /// `recording`, that says what the caller says, and what they should hear.
    bool connect(
        const std::vector<std::string>& words,
        AudioLeg::Kind kind,
        std::shared_ptr<const RecordedAudio> recording = nullptr
    );
    /// The first line that was not heard as recorded.
    std::optional<AudioDifference> difference() const;
    /// The script takes up the line of this recording, which begins now. Returns how much further
    /// the line's clock was when that was recorded: what Asterisk does beside it comes so much
    /// later.
    Time begin(const RecordedAudio& recording);
    std::vector<std::shared_ptr<AudioLeg>> take_new() { return audio_.take_new(); }

    void say(const Waveform& sound) { audio_.caller().say(audio_.caller().now, sound); }
    void press(std::string_view keys);
    const HeardAudio& heard() const noexcept { return audio_.caller().heard(); }
    /// Whether the connection made last is open, and whether the script has ended it.
    bool open() const noexcept { return last_ && last_->state() == AudioLeg::State::open; }
    bool ended() const noexcept { return last_ && last_->state() == AudioLeg::State::ended; }
    /// Whether that is over, however it ended.
    bool over() const noexcept { return !last_ || !last_->alive(); }
    /// Asterisk ends a talk.
    void end_talk();
    void hang_up() { audio_.hang_up(); }

    std::optional<Time> next_due() const { return audio_.next_due(); }
    void advance_to(Time now);

private:
    CallAudio audio_;
    std::shared_ptr<AudioLeg> last_;
    std::vector<std::shared_ptr<ReplayedAudio>> replayed_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
