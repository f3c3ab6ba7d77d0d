// SPDX-License-Identifier: MIT
// The line format of transcripts, `*.agi` files that record a session.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi {

/// The first character of a line in a transcript.
namespace transcript_mark {
inline constexpr char asterisk = '<';        ///< A line sent by Asterisk.
inline constexpr char script = '>';          ///< A line sent by the script.
inline constexpr char happening = '!';       ///< An event outside of the connection.
inline constexpr char comment = '#';         ///< A comment, or the time since the line before.
inline constexpr char audio_received = '[';  ///< What Asterisk sent on an audio line.
inline constexpr char audio_sent = ']';      ///< What the script sent on one.
}  // namespace transcript_mark

/// The shortest pause between two lines that is recorded.
inline constexpr std::chrono::milliseconds kTranscriptPause(50);

/// Appends a line to a transcript: `mark` and `text`, in printable ASCII.
///
/// Doubles backslashes; writes bytes outside 0x20..0x7e, and a blank at the end, as `\xNN`.
void append_transcript_line(std::string& transcript, char mark, std::string_view text);

/// Appends `# +1.50 s`: the time since the line before, in seconds.
void append_transcript_pause(std::string& transcript, std::chrono::nanoseconds time);

/// Undoes the escaping of a line's text.
[[nodiscard]] std::string unescape_transcript(std::string_view text);

}  // namespace costrix::inline COSTRIX_ABI::agi
