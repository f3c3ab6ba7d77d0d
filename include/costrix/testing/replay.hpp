// SPDX-License-Identifier: MIT
// Recorded calls as tests of the present handlers.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/testing/conversation.hpp>
#include <costrix/testing/transcript.hpp>

#include <filesystem>
#include <source_location>
#include <string>

namespace costrix::inline COSTRIX_ABI::testing {

/// The recorded conversation; `file` is its name in a Mismatch.
///
/// The handler must send the same commands in the same order; replies are as recorded, and take as
/// long. The handler's own time is not compared. If the caller hung up while the handler did
/// something else, the handler may now be a command ahead or behind: an additional command is
/// answered by 511 (dead channel), and a command that was answered so may be missing. A recording
/// that was cut off ends as if Asterisk had died there.
///
/// Throws: std::runtime_error if the transcript has no environment block.
[[nodiscard]] Conversation
conversation_of(const Transcript& transcript, const std::string& file = "recording");

/// Plays a recording, `*.agi`, against a handler, in process and in virtual time.
///
/// A Mismatch points to `where` if only the environment was recorded.
/// Throws: Mismatch, with the line of the recording; any exception of the handler except a
/// hangup's; std::runtime_error if the file cannot be read; std::invalid_argument if the flow has
/// no handler for the path of the call.
CallEnd replay(
    const std::filesystem::path& file,
    const CallFlow& flow,
    SourceLine where = std::source_location::current()
);

}  // namespace costrix::inline COSTRIX_ABI::testing
