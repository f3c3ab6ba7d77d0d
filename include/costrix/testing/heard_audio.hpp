// SPDX-License-Identifier: MIT
// What a simulated caller heard of a script's own sound, and when: to the sample.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/testing/waveform.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing {

/// What a caller heard of the sound that a script sent by agi::talk() or agi::open_audio().
///
/// Times are virtual and count from the start of the session. A message that comes while the one
/// before is still being heard is heard after it; so is one that comes less than 20 ms too late.
/// Prompts are not in it: the simulation knows their names and lengths only. What comes after an
/// hour of sound is not kept.
class HeardAudio {
public:
    /// Sound without a gap, at one sample rate.
    struct Piece {
        std::chrono::nanoseconds at;        ///< When its first sample was heard.
        unsigned sample_rate;               ///< In Hz.
        std::vector<std::int16_t> samples;  ///< 16-bit signed mono.

        /// When the sample at `index` was heard; at their number: when the piece ended.
        std::chrono::nanoseconds time_of(std::size_t index) const noexcept;
    };
    /// A sound that was heard, or its beginning.
    struct Match {
        std::chrono::nanoseconds at{};  ///< When its first sample was heard.
        std::size_t samples = 0;        ///< How many of its first samples were heard.
    };

    /// Everything, in order.
    const std::vector<Piece>& pieces() const noexcept { return pieces_; }

    /// When `sound` was first heard as a whole, `from` this time on; nullopt if it never was.
    std::optional<std::chrono::nanoseconds>
    find(const Waveform& sound, std::chrono::nanoseconds from = {}) const;
    /// The same with samples at any rate.
    std::optional<std::chrono::nanoseconds> find(
        std::span<const std::int16_t> samples,
        unsigned sample_rate,
        std::chrono::nanoseconds from = {}
    ) const;
    /// How much of `sound` was heard, from its beginning on; of several times, the longest. Tells
    /// where a caller has interrupted.
    Match heard_of(const Waveform& sound, std::chrono::nanoseconds from = {}) const;
    /// The same with samples at any rate.
    Match heard_of(
        std::span<const std::int16_t> samples,
        unsigned sample_rate,
        std::chrono::nanoseconds from = {}
    ) const;
    /// What was heard in this time, at 8 kHz, with silence where there was nothing. Of sound at
    /// another rate, the nearest samples.
    Waveform between(std::chrono::nanoseconds from, std::chrono::nanoseconds to) const;
    /// When the last sample that is not 0 had been heard; nullopt if none was.
    std::optional<std::chrono::nanoseconds> end_of_sound() const;

    /// For the simulation: samples come at `now`.
    void
    add(std::chrono::nanoseconds now, std::span<const std::int16_t> samples, unsigned sample_rate);
    /// When all that has come will have been heard.
    std::chrono::nanoseconds end() const noexcept;

private:
    std::vector<Piece> pieces_;
    std::chrono::nanoseconds kept_{};
    std::chrono::nanoseconds end_ = std::chrono::nanoseconds::min() / 2;
};

}  // namespace costrix::inline COSTRIX_ABI::testing
