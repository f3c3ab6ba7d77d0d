// SPDX-License-Identifier: MIT
// Whether a replay is heard as its recording: the same sound in the same order.
#include "testing/conversation_script.hpp"
#include "testing/recorded_audio.hpp"

#include <algorithm>
#include <utility>

namespace costrix::inline COSTRIX_ABI::testing::detail {
namespace {

using Sent = RecordedAudio::Sent;

/// How much more or less of a sound may be heard before it is cut short: what a line sends at once.
constexpr std::chrono::milliseconds kMaxShift(60);
/// How much must be equal behind that.
constexpr std::chrono::milliseconds kSame(20);

/// One sample that is not 0. Silence is not compared, since how long a handler takes is not.
struct Sample {
    std::int16_t value;
    unsigned sample_rate;
    const Sent* message;
    std::size_t index;  // in that

    bool operator==(const Sample& other) const noexcept {
        return value == other.value && sample_rate == other.sample_rate;
    }
};
using Samples = std::vector<Sample>;

Samples sound_of(const std::vector<Sent>& messages) {
    Samples sound;
    for (const auto& message : messages) {
        for (std::size_t i = 0; i < message.samples.size(); ++i) {
            if (message.samples[i] != 0)
                sound.push_back({message.samples[i], message.sample_rate, &message, i});
        }
    }
    return sound;
}

std::size_t samples_in(std::chrono::milliseconds time, unsigned sample_rate) {
    return static_cast<std::size_t>(time.count()) * sample_rate / 1000;
}

/// Whether they go on equally from there on: for kSame, or to the end of one of them.
bool go_on_equally(const Samples& one, std::size_t i, const Samples& other, std::size_t j) {
    const auto rate = i < one.size() ? one[i].sample_rate : 8000;
    const auto size = std::min({samples_in(kSame, rate), one.size() - i, other.size() - j});
    const auto begin = one.begin() + static_cast<std::ptrdiff_t>(i);
    return size > 0 && std::equal(
                           begin,
                           begin + static_cast<std::ptrdiff_t>(size),
                           other.begin() + static_cast<std::ptrdiff_t>(j)
                       );
}

/// How many samples to skip in `one` to go on equally; nullopt if that is more than kMaxShift.
std::optional<std::size_t>
shift(const Samples& one, std::size_t i, const Samples& other, std::size_t j) {
    const auto most = std::min(one.size() - i, samples_in(kMaxShift, one[i].sample_rate));
    for (std::size_t skipped = 1; skipped <= most; ++skipped) {
        if (go_on_equally(one, i + skipped, other, j))
            return skipped;
    }
    return std::nullopt;
}

std::string described(const RecordedAudio& line, const Sample& sample) {
    const auto offset =
        static_cast<std::int64_t>(sample.index) * std::nano::den / sample.sample_rate;
    const auto at = sample.message->at + std::chrono::nanoseconds(offset);
    return "what was heard at " + seconds_text(at) + " of audio line " + std::to_string(line.line) +
           " (sample " + std::to_string(sample.index + 1) + " of this message, " +
           std::to_string(sample.sample_rate) + " Hz)";
}

bool is_short(const Samples& sound, std::size_t from) {
    return from == sound.size() ||
           sound.size() - from <= samples_in(kMaxShift, sound[from].sample_rate);
}

}  // namespace

std::optional<AudioDifference> ReplayedAudio::difference() const {
    const auto recorded = sound_of(recorded_->sent), heard = sound_of(heard_);
    std::size_t i = 0, j = 0;
    while (i < recorded.size() && j < heard.size()) {
        if (recorded[i] == heard[j]) {
            ++i;
            ++j;
        } else if (const auto more = shift(heard, j, recorded, i)) {
            j += *more;
        } else if (const auto less = shift(recorded, i, heard, j)) {
            i += *less;
        } else {
            return AudioDifference{
                recorded[i].message->record, described(*recorded_, recorded[i]), "another sound"};
        }
    }
    if (!is_short(recorded, i))
        return AudioDifference{
            recorded[i].message->record,
            described(*recorded_, recorded[i]),
            "nothing more is heard"};
    if (is_short(heard, j) || !recorded_->whole)
        return std::nullopt;
    const auto last = recorded_->sent.empty() ? recorded_->opened : recorded_->sent.back().record;
    return AudioDifference{
        last,
        "no more sound on audio line " + std::to_string(recorded_->line),
        std::to_string(heard.size() - j) + " more samples are heard"};
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
