// SPDX-License-Identifier: MIT
// What a simulated caller heard: kept in pieces, and searched.
#include <costrix/testing/heard_audio.hpp>

#include <algorithm>
#include <iterator>

namespace costrix::inline COSTRIX_ABI::testing {
namespace {

using std::chrono::nanoseconds;
using Samples = std::span<const std::int16_t>;

/// What a phone's own buffer makes good.
constexpr nanoseconds kJitter = std::chrono::milliseconds(20);
constexpr nanoseconds kSample = std::chrono::microseconds(125);
constexpr nanoseconds kMaxKept = std::chrono::hours(1);

nanoseconds length_of(std::size_t samples, unsigned rate) noexcept {
    return nanoseconds(static_cast<std::int64_t>(samples) * std::nano::den / rate);
}

/// For each beginning of the samples, the longest shorter one that it ends in (Knuth, Morris,
/// Pratt).
std::vector<std::size_t> borders_of(Samples samples) {
    std::vector<std::size_t> borders(samples.size());
    for (std::size_t i = 1, length = 0; i < samples.size(); ++i) {
        while (length > 0 && samples[i] != samples[length])
            length = borders[length - 1];
        length += samples[i] == samples[length] ? 1 : 0;
        borders[i] = length;
    }
    return borders;
}

std::size_t index_of(nanoseconds time) noexcept {
    return static_cast<std::size_t>(time / kSample);
}

/// The index of the first sample that is heard `from` this time on.
std::size_t index_at(const HeardAudio::Piece& piece, nanoseconds from) noexcept {
    if (from <= piece.at)
        return 0;
    const auto passed = (from - piece.at).count();
    return static_cast<std::size_t>((passed * piece.sample_rate - 1) / std::nano::den + 1);
}

}  // namespace

nanoseconds HeardAudio::Piece::time_of(std::size_t index) const noexcept {
    return at + length_of(index, sample_rate);
}

void HeardAudio::add(nanoseconds now, Samples samples, unsigned sample_rate) {
    const bool gap = now >= end_ + kJitter;
    const auto at = gap ? now : end_;
    const auto length = length_of(samples.size(), sample_rate);
    end_ = at + length;
    if (samples.empty() || kept_ >= kMaxKept)
        return;
    kept_ += length;
    if (pieces_.empty() || gap || pieces_.back().sample_rate != sample_rate)
        pieces_.push_back({at, sample_rate, {}});
    auto& kept = pieces_.back();
    kept.samples.insert(kept.samples.end(), samples.begin(), samples.end());
    end_ = kept.time_of(kept.samples.size());  // so that nothing is rounded twice
}

nanoseconds HeardAudio::end() const noexcept {
    return end_;
}

HeardAudio::Match
HeardAudio::heard_of(Samples samples, unsigned sample_rate, nanoseconds from) const {
    Match longest;
    const auto borders = borders_of(samples);
    for (const auto& piece : pieces_) {
        if (piece.sample_rate != sample_rate)
            continue;
        std::size_t length = 0;
        for (auto i = index_at(piece, from); i < piece.samples.size(); ++i) {
            while (length > 0 && piece.samples[i] != samples[length])
                length = borders[length - 1];
            length += !samples.empty() && piece.samples[i] == samples[length] ? 1 : 0;
            if (length > longest.samples)
                longest = {piece.time_of(i + 1 - length), length};
            if (length > 0 && length == samples.size())
                return longest;
        }
    }
    return longest;
}

HeardAudio::Match HeardAudio::heard_of(const Waveform& sound, nanoseconds from) const {
    return heard_of(sound.samples(), 8000, from);
}

std::optional<nanoseconds>
HeardAudio::find(Samples samples, unsigned sample_rate, nanoseconds from) const {
    const auto match = heard_of(samples, sample_rate, from);
    const bool whole = !samples.empty() && match.samples == samples.size();
    return whole ? std::optional(match.at) : std::nullopt;
}

std::optional<nanoseconds> HeardAudio::find(const Waveform& sound, nanoseconds from) const {
    return find(sound.samples(), 8000, from);
}

Waveform HeardAudio::between(nanoseconds from, nanoseconds to) const {
    std::vector<std::int16_t> samples(silence(to - from).samples());
    for (const auto& piece : pieces_) {
        const auto begin = std::max(piece.at - from, nanoseconds{});
        for (auto i = index_of(begin + kSample - nanoseconds(1)); i < samples.size(); ++i) {
            const auto since = from + kSample * static_cast<std::int64_t>(i) - piece.at;
            const auto index = static_cast<std::size_t>(
                since.count() * piece.sample_rate / static_cast<std::int64_t>(std::nano::den)
            );
            if (index >= piece.samples.size())
                break;
            samples[i] = piece.samples[index];
        }
    }
    return samples;
}

std::optional<nanoseconds> HeardAudio::end_of_sound() const {
    for (auto piece = pieces_.rbegin(); piece != pieces_.rend(); ++piece) {
        const auto& samples = piece->samples;
        const auto last =
            std::find_if(samples.rbegin(), samples.rend(), [](auto sample) { return sample != 0; });
        if (last != samples.rend())
            return piece->time_of(static_cast<std::size_t>(std::distance(last, samples.rend())));
    }
    return std::nullopt;
}

}  // namespace costrix::inline COSTRIX_ABI::testing
