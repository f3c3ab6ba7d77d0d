// SPDX-License-Identifier: MIT
// AudioFormat and AudioFrame: what a caller's audio comes in.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

/// An audio encoding: signed linear, 16-bit samples, one channel, the host's byte order.
class AudioFormat {
public:
    /// 8 kHz, EAGI's default.
    AudioFormat() noexcept = default;
    /// By Asterisk's name: slin, slin12, slin16, slin24, slin32, slin44, slin48, slin96, slin192.
    ///
    /// Throws std::invalid_argument for any other.
    explicit AudioFormat(std::string_view name);
    /// By its sample rate, which is one of kAudioRates.
    ///
    /// Throws std::invalid_argument for any other.
    explicit AudioFormat(unsigned sample_rate);

    /// Asterisk's name, such as "slin16".
    std::string_view name() const noexcept;
    /// Samples per second.
    unsigned sample_rate() const noexcept { return sample_rate_; }
    /// Samples in a frame of 20 ms.
    std::size_t frame_samples() const noexcept { return sample_rate_ / 50; }

private:
    unsigned sample_rate_ = 8000;
};

/// Some of the caller's audio.
///
/// 20 ms of an AudioStream; less at the very end. An AudioLine has the frames that Asterisk sends:
/// as long as the packets of the caller's phone, usually 20 or 30 ms.
struct AudioFrame {
    /// No samples.
    AudioFrame() = default;

    /// 16-bit signed mono samples, in the machine's byte order.
    std::vector<std::int16_t> samples;
    /// Samples dropped between the previous frame and this one, because they were not read in time.
    std::uint64_t lost = 0;
    unsigned sample_rate = 8000;  ///< Samples per second.
};

}  // namespace costrix::inline COSTRIX_ABI::agi
