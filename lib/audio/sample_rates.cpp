// SPDX-License-Identifier: MIT
// Which sample rates can be written.
#include "audio/sample_rates.hpp"

#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/protocol/audio_message.hpp>

#include <algorithm>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi::detail {

void check_sample_rate(unsigned sample_rate) {
    if (std::find(kAudioRates.begin(), kAudioRates.end(), sample_rate) == kAudioRates.end())
        throw AGIUsageError(
            "audio at " + std::to_string(sample_rate) +
            " Hz: Asterisk takes 8000, 12000, 16000, 24000, 32000, 44100, 48000, 96000 and 192000"
        );
}

void check_sample_rate(unsigned sample_rate, bool all_rates) {
    check_sample_rate(sample_rate);
    if (!all_rates && sample_rate != kAudioRates.front())
        throw AGIUsageError(
            "audio at " + std::to_string(sample_rate) +
            " Hz: this Asterisk takes 8000 only; 20.17, 21.12, 22.7 and 23.1 take other rates"
        );
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
