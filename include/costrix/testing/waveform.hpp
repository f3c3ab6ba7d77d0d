// SPDX-License-Identifier: MIT
// Sound for tests: what a caller says, and what is expected to be heard.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing {

/// Sound at 8 kHz: 16-bit signed mono samples.
///
///     const auto words = tone(440, 300ms) + silence(200ms) + noise(1s);
class Waveform {
public:
    Waveform() = default;  ///< Nothing.
    /// The samples of a WAV file, or any others.
    Waveform(std::vector<std::int16_t> samples) : samples_(std::move(samples)) {}

    /// The samples.
    const std::vector<std::int16_t>& samples() const noexcept { return samples_; }
    /// How long it lasts: 125 µs for each sample.
    std::chrono::nanoseconds length() const noexcept {
        return std::chrono::microseconds(125) * static_cast<std::int64_t>(samples_.size());
    }
    /// The first `size` samples.
    Waveform first(std::size_t size) const;

    /// Appends the other.
    Waveform& operator+=(const Waveform& other);

private:
    std::vector<std::int16_t> samples_;
};

/// One after the other.
Waveform operator+(Waveform one, const Waveform& other);

/// Nothing to be heard. Lengths are rounded down to whole samples.
Waveform silence(std::chrono::nanoseconds length);
/// A sine, from 0 on; `level` is its largest sample.
Waveform tone(double hertz, std::chrono::nanoseconds length, std::int16_t level = 8000);
/// White noise, the same for the same seed. It resembles nothing else, so that a part of it can be
/// found in what was heard; no sample is 0.
Waveform noise(std::chrono::nanoseconds length, std::uint32_t seed = 1, std::int16_t level = 8000);

}  // namespace costrix::inline COSTRIX_ABI::testing
