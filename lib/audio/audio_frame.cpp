// SPDX-License-Identifier: MIT
// AudioFormat: Asterisk's names of signed linear audio.
#include "protocol/ascii.hpp"

#include <costrix/agi/audio_frame.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

unsigned rate_of(std::string_view name) {
    constexpr std::pair<std::string_view, unsigned> kRates[] = {
        {"slin", 8000},
        {"slin12", 12000},
        {"slin16", 16000},
        {"slin24", 24000},
        {"slin32", 32000},
        {"slin44", 44100},
        {"slin48", 48000},
        {"slin96", 96000},
        {"slin192", 192000},
    };
    for (const auto& [known, rate] : kRates) {
        if (detail::equal_ignoring_case(known, name))
            return rate;
    }
    throw std::invalid_argument("not signed linear: \"" + std::string(name) + '"');
}

}  // namespace

AudioFormat::AudioFormat(std::string_view name) : sample_rate_(rate_of(name)) {}

}  // namespace costrix::inline COSTRIX_ABI::agi
