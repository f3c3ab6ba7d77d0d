// SPDX-License-Identifier: MIT
// A recorded session as a conversation of three: the caller, Asterisk and the script.
#pragma once

#include <costrix/testing/transcript.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace costrix::tool {

/// Who takes part.
enum class Party { caller, asterisk, script };

/// One thing that a party says or does, or a remark.
struct Step {
    std::chrono::nanoseconds time;  ///< since the start, as far as the recording tells
    Party from;
    Party to;  ///< the same as `from` when no other party is involved
    std::string text;
    bool remark = false;
};

/// All steps after the environment block.
std::vector<Step> conversation(const testing::Transcript& transcript);

/// Whether the recording contains the end of its call; false for one that was cut off.
bool is_whole(const testing::Transcript& transcript);

/// The call in a sentence: who, which script, where in the dialplan; empty without an environment.
std::string describe_call(const testing::Transcript& transcript);

/// For reading in a terminal.
std::string
conversation_text(const testing::Transcript& transcript, bool with_environment, bool coloured);

/// A sequence diagram: time goes down, an arrow for each step.
std::string conversation_svg(const testing::Transcript& transcript);

}  // namespace costrix::tool
