// SPDX-License-Identifier: MIT
// AudioFormat: Asterisk's names of signed linear audio.
#include "protocol/ascii.hpp"

#include <costrix/agi/audio_frame.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

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

std::string_view name_of(unsigned sample_rate) noexcept {
    for (const auto& [name, rate] : kRates) {
        if (rate == sample_rate)
            return name;
    }
    return {};
}

unsigned rate_of(std::string_view name) {
    for (const auto& [known, rate] : kRates) {
        if (detail::equal_ignoring_case(known, name))
            return rate;
    }
    throw std::invalid_argument("not signed linear: \"" + std::string(name) + '"');
}

}  // namespace

AudioFormat::AudioFormat(std::string_view name) : sample_rate_(rate_of(name)) {}

AudioFormat::AudioFormat(unsigned sample_rate) : sample_rate_(sample_rate) {
    if (name().empty())
        throw std::invalid_argument("not signed linear: " + std::to_string(sample_rate) + " Hz");
}

std::string_view AudioFormat::name() const noexcept {
    return name_of(sample_rate_);
}

}  // namespace costrix::inline COSTRIX_ABI::agi
