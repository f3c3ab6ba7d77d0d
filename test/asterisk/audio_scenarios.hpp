// SPDX-License-Identifier: MIT
// The calls whose audio connections are recorded.
#pragma once

#include "asterisk/audio_recorder.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace costrix::test {

/// What the agent does whom the script dials.
enum class Agent : std::uint8_t { none, talks, transfers_blind, transfers_attended };

/// One call: what is recorded, who calls, and what the server does.
struct Scenario {
    std::string name = {};
    std::string shows = {};
    std::string exec = {};  // UUID and WHERE stand for the recorder's, CHANNEL for its unique id
    AudioRecorder::Script script = {};
    std::string audio = {};  // the caller's, on a Local channel
    std::string digits = {};
    std::optional<std::chrono::milliseconds> hangup_after = {};
    std::optional<int> packet = {};  // in ms: a SIP caller
    bool suppressed = false;
    std::string silence = {};   // what keeps the caller's channel fed, to be spoken to
    std::string prompt = {};    // is played meanwhile
    Agent agent = Agent::none;  // is dialled meanwhile
    std::string variable = {};  // is asked for afterwards
    std::chrono::milliseconds stay = std::chrono::seconds(1);  // of the script, beside a tap
    bool answer = true;
};

/// The tap that also speaks.
extern const std::string kWhisper;

/// With the first `what` replaced, if there is one.
std::string replaced(std::string text, const std::string& what, const std::string& with);

/// All of them.
std::vector<Scenario> audio_scenarios();

}  // namespace costrix::test
