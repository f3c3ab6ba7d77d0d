// SPDX-License-Identifier: MIT
// WAV files where there is no libsndfile: what asks for one is refused.
#include "tool/call/wav_file.hpp"

#include <stdexcept>

namespace costrix::tool {
namespace {

[[noreturn]] void refuse(const std::string& name) {
    throw std::runtime_error(name + ": this costrix was built without libsndfile");
}

}  // namespace

testing::Waveform read_sound_file(const std::string& name) {
    refuse(name);
}

void write_sound_file(const std::string& name, const testing::HeardAudio& /*heard*/) {
    refuse(name);
}

void check_sound_file(const std::string& name) {
    refuse(name);
}

}  // namespace costrix::tool
