// SPDX-License-Identifier: MIT
// The simulated caller's mouth and ear, to the sample.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/testing/heard_audio.hpp>
#include <costrix/testing/waveform.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// What the caller says is at 8 kHz.
inline constexpr unsigned kCallerRate = 8000;
inline constexpr std::chrono::nanoseconds kSample = std::chrono::microseconds(125);

/// How the caller's phone sends.
struct PhoneAudio {
    std::chrono::nanoseconds packet = std::chrono::milliseconds(20);
    bool suppresses_silence = false;  ///< sends no packet without sound
};

/// What the caller says and hears in a call; times count from its start.
class CallerAudio {
public:
    using Time = std::chrono::nanoseconds;

    PhoneAudio phone;
    Time now{};
    bool keeps = true;  ///< whether heard() is kept
    /// To be called when a driver has changed a connection.
    std::function<void()> changed;

    /// The caller says this at `at`; what is said at the same time is mixed.
    void say(Time at, const Waveform& sound);
    /// A key is held: the phone sends no sound.
    void hold_key(Time from, Time to) { keys_.emplace(from, to); }
    /// What the phone sends of the time that ends at `end`; false if it sends nothing.
    bool speak(Time end, std::span<std::int16_t> samples);

    /// Sound comes now.
    void hear(std::span<const std::int16_t> samples, unsigned sample_rate);
    const HeardAudio& heard() const noexcept { return heard_; }
    /// How much of it has not been heard yet.
    Time queued() const noexcept { return heard_.end() - now; }

    /// How loud the last frames in both directions were, in dB; -100 for silence.
    double said_level() const noexcept;
    double heard_level() const noexcept;

    // --- whether a whisper is heard: only while Asterisk plays something ---
    void prompt_begins(Time length);
    void prompt_ends() noexcept { prompt_until_ = Time{}; }
    /// PlayTones and StopPlayTones.
    void play_tones(bool on) noexcept { tones_ = on; }
    bool carries_whisper() const noexcept { return tones_ || now < prompt_until_; }

private:
    bool holds_key(Time from, Time to);

    std::multimap<std::int64_t, std::vector<std::int16_t>> said_;  // by their first samples
    std::multimap<Time, Time> keys_;                               // held from when to when
    std::vector<std::int16_t> last_said_, last_heard_;             // frames
    Time last_said_at_{}, last_heard_at_{};
    HeardAudio heard_;
    Time prompt_until_{};
    bool tones_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
