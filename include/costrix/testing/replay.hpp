// SPDX-License-Identifier: MIT
// Recorded calls as tests of today's handlers.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/testing/conversation.hpp>
#include <costrix/testing/transcript.hpp>

#include <filesystem>
#include <source_location>
#include <string>

namespace costrix::inline COSTRIX_ABI::testing {

/// The conversation that was recorded; `file` is its name in a Mismatch.
///
/// The handler must send the same commands in the same order; the replies are those recorded, after
/// the recorded times. The handler's own time is not compared. Where the caller hung up while the
/// handler did something else, it may now be a command ahead or behind: an additional command is
/// answered by 511 (dead channel), and one that was answered so may be missing. A recording that
/// was cut off because it was too long ends as if Asterisk had died there. Throws
/// std::runtime_error for a transcript without an environment block.
[[nodiscard]] Conversation
conversation_of(const Transcript& transcript, const std::string& file = "recording");

/// Plays a recording, `*.agi`, against a handler, in process and in virtual time.
///
/// `where` is where a Mismatch points when nothing but the environment was recorded.
/// Throws: Mismatch, with the line of the recording; any exception of the handler but a hangup's;
/// std::runtime_error when the file cannot be read; std::invalid_argument when the flow has no
/// handler for the path of the call.
CallEnd replay(
    const std::filesystem::path& file,
    const CallFlow& flow,
    SourceLine where = std::source_location::current()
);

}  // namespace costrix::inline COSTRIX_ABI::testing
