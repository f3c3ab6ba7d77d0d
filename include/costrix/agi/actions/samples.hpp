// SPDX-License-Identifier: MIT
// Positions and lengths in sound files.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <compare>
#include <cstdint>

namespace costrix::inline COSTRIX_ABI::agi {

/// A position or a length in a sound file, in samples of that file.
///
/// Asterisk counts samples at the file's own rate: 8,000 a second in a .wav or .gsm file, 16,000 in
/// a .wav16, .sln16 or .siren7 file (format_wav.c: wav_tell). It does not report the rate, so a
/// conversion from or to a time takes 8 kHz unless you name another rate.
class Samples {
public:
    static constexpr int kUsualRate = 8000;  ///< Samples per second of most sound files.

    constexpr Samples() noexcept = default;
    /// A number of samples.
    constexpr explicit Samples(std::int64_t count) noexcept : count_(count) {}
    /// The samples of `time`, at `rate` samples per second.
    constexpr explicit Samples(std::chrono::milliseconds time, int rate = kUsualRate) noexcept
        : count_(time.count() * rate / 1000) {}

    constexpr std::int64_t count() const noexcept { return count_; }  ///< The number of samples.
    /// How long they last at `rate` samples per second, rounded down to milliseconds.
    constexpr std::chrono::milliseconds duration(int rate = kUsualRate) const noexcept {
        return std::chrono::milliseconds(count_ * 1000 / rate);
    }

    friend constexpr auto operator<=>(Samples, Samples) noexcept = default;
    friend constexpr Samples operator+(Samples one, Samples other) noexcept {
        return Samples(one.count_ + other.count_);
    }
    friend constexpr Samples operator-(Samples one, Samples other) noexcept {
        return Samples(one.count_ - other.count_);
    }

private:
    std::int64_t count_ = 0;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
