// SPDX-License-Identifier: MIT
// WAV files in and out of a call, by libsndfile.
#pragma once

#include <costrix/testing/heard_audio.hpp>
#include <costrix/testing/waveform.hpp>

#include <string>

namespace costrix::tool {

/// Reads a sound file of any format that libsndfile knows, rate and number of channels: at 8 kHz,
/// the channels mixed.
///
/// Throws std::runtime_error, which names the file, if that is impossible: it is no sound file, is
/// longer than an hour, or ends before its header says, or this program was built without
/// libsndfile.
testing::Waveform read_sound_file(const std::string& name);

/// Writes what a caller heard, from the start of the call on, as WAV at 8 kHz. Throws the same.
void write_sound_file(const std::string& name, const testing::HeardAudio& heard);

/// Throws std::runtime_error if the file cannot be written to; it is empty then.
void check_sound_file(const std::string& name);

}  // namespace costrix::tool
