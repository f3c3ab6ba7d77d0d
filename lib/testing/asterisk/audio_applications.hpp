// SPDX-License-Identifier: MIT
// The applications that connect the caller's audio to a script: AudioSocket, and Originate of
// ChanSpy.
#pragma once

#include "testing/asterisk/audio_leg.hpp"
#include "testing/asterisk/command_handlers.hpp"

#include <costrix/agi/detail/config.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::testing::detail {

Outcome app_audio_socket(CallState& call, const std::string& arguments);
/// Dial to a channel of AudioSocket; nullopt for any other one.
std::optional<Outcome> dial_audio_socket(CallState& call, const std::string& arguments);
Outcome app_play_tones(CallState& call, const std::string& arguments);
Outcome app_stop_play_tones(CallState& call, const std::string& arguments);

/// A channel of AudioSocket.
struct AudioChannel {
    AudioAddress address;
    unsigned sample_rate = kCallerRate;
};
/// nullopt for another channel, and one without a signed linear format.
std::optional<AudioChannel> parse_audio_channel(std::string_view destination);

/// What Originate is told for a tap: a channel of AudioSocket that runs ChanSpy.
struct Tap {
    AudioAddress address;
    std::string unique_id;  ///< of the channel to listen to
    bool whispers = false;
    unsigned sample_rate = kCallerRate;
};
/// The tap of Originate's arguments, which is all that is simulated of it; nullopt for another use.
std::optional<Tap> parse_tap(const std::string& arguments);
Outcome app_originate(CallState& call, const std::string& arguments);

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
