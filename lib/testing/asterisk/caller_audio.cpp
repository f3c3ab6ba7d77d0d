// SPDX-License-Identifier: MIT
// The simulated caller's mouth and ear, to the sample.
#include "testing/asterisk/caller_audio.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace costrix::inline COSTRIX_ABI::testing::detail {
namespace {

std::int16_t mixed(std::int16_t one, std::int16_t other) noexcept {
    return static_cast<std::int16_t>(std::clamp(one + other, -32768, 32767));
}

/// Of a frame that came at `at`; a frame is forgotten when it is long ago.
double
level(const std::vector<std::int16_t>& samples, CallerAudio::Time at, CallerAudio::Time now) {
    constexpr auto kForgotten = std::chrono::milliseconds(100);
    constexpr double kSilence = -100, kLoudest = 32768;
    double power = 0;
    for (const double sample : samples)
        power += sample * sample;
    if (power == 0 || now - at > kForgotten)
        return kSilence;
    const auto mean = power / static_cast<double>(samples.size());
    return std::max(kSilence, 10 * std::log10(mean / (kLoudest * kLoudest)));
}

}  // namespace

double CallerAudio::said_level() const noexcept {
    return level(last_said_, last_said_at_, now);
}

double CallerAudio::heard_level() const noexcept {
    return level(last_heard_, last_heard_at_, now);
}

void CallerAudio::say(Time at, const Waveform& sound) {
    said_.emplace(at / kSample, sound.samples());
}

bool CallerAudio::holds_key(Time from, Time to) {
    while (!keys_.empty() && keys_.begin()->second <= from)
        keys_.erase(keys_.begin());
    return !keys_.empty() && keys_.begin()->first < to;
}

bool CallerAudio::speak(Time end, std::span<std::int16_t> samples) {
    std::fill(samples.begin(), samples.end(), std::int16_t{0});
    const auto size = static_cast<std::int64_t>(samples.size());
    const auto first = end / kSample - size;
    if (holds_key(end - size * kSample, end))
        return false;
    bool sound = false;
    for (auto next = said_.begin(); next != said_.end() && next->first < first + size;) {
        const auto& [begin, words] = *next;
        const auto words_end = begin + static_cast<std::int64_t>(words.size());
        const auto from = std::max(begin, first), to = std::min(words_end, first + size);
        if (from < to) {
            auto* const out = samples.data() + (from - first);
            const auto* const in = words.data() + (from - begin);
            // Mixed only if something else is said at the same time.
            sound ? std::transform(in, in + (to - from), out, out, mixed)
                  : std::copy(in, in + (to - from), out);
            sound = true;
        }
        next = words_end <= first + size ? said_.erase(next) : std::next(next);
    }
    last_said_.assign(samples.begin(), samples.end());
    last_said_at_ = now;
    return sound || !phone.suppresses_silence;
}

void CallerAudio::hear(std::span<const std::int16_t> samples, unsigned sample_rate) {
    last_heard_.assign(samples.begin(), samples.end());
    last_heard_at_ = now;
    if (keeps)
        heard_.add(now, samples, sample_rate);
}

void CallerAudio::prompt_begins(Time length) {
    tones_ = false;
    prompt_until_ = length > Time::max() - now ? Time::max() : now + length;
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
