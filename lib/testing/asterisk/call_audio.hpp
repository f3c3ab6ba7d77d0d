// SPDX-License-Identifier: MIT
// The audio connections of a simulated call.
#pragma once

#include "testing/asterisk/audio_leg.hpp"
#include "testing/asterisk/caller_audio.hpp"

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// The caller's mouth and ear, and what they are connected to.
class CallAudio {
public:
    using Time = std::chrono::nanoseconds;

    CallAudio() = default;
    CallAudio(const CallAudio&) = delete;
    CallAudio& operator=(const CallAudio&) = delete;
    /// A driver may keep connections for longer.
    ~CallAudio() { caller_->changed = nullptr; }

    CallerAudio& caller() noexcept { return *caller_; }
    const CallerAudio& caller() const noexcept { return *caller_; }

    /// Asterisk connects; the driver has to take it up.
    std::shared_ptr<AudioLeg>
    connect(AudioAddress address, AudioLeg::Kind kind, unsigned sample_rate = kCallerRate);
    /// The connections made since the last call.
    std::vector<std::shared_ptr<AudioLeg>> take_new();

    /// Whether one of them is open.
    bool is_open() const noexcept;

    std::optional<Time> next_due() const;
    /// Does what is due by now.
    void act();
    void hang_up();
    /// Tells of each connection that was opened or is over since the last call.
    void report(const std::function<void(const AudioLeg&)>& tell);

private:
    struct Known {
        std::shared_ptr<AudioLeg> leg;
        AudioLeg::State told = AudioLeg::State::connecting;
    };

    std::shared_ptr<CallerAudio> caller_ = std::make_shared<CallerAudio>();
    std::vector<Known> legs_;
    std::vector<std::shared_ptr<AudioLeg>> new_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
