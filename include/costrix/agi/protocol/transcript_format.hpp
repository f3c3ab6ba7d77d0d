// SPDX-License-Identifier: MIT
// How a session is written down, line by line: `*.agi` files, and how they are read again.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace costrix::agi {

/// What the lines of a transcript begin with.
namespace transcript_mark {
inline constexpr char asterisk = '<';   ///< Asterisk sent this line.
inline constexpr char script = '>';     ///< The script sent this line.
inline constexpr char happening = '!';  ///< Something happened off the wire.
inline constexpr char comment = '#';    ///< A remark, or the time that passed.
}  // namespace transcript_mark

/// Less time than this between two lines is not noted.
inline constexpr std::chrono::milliseconds kTranscriptPause(50);

/// Appends a line to a transcript: the mark, and the text in printable ASCII.
///
/// A backslash is doubled, every byte outside 0x20..0x7e is `\xNN`, and so is a blank at the end.
void append_transcript_line(std::string& transcript, char mark, std::string_view text);

/// Appends `# +1.50 s`: that so long passed since the line before.
void append_transcript_pause(std::string& transcript, std::chrono::nanoseconds time);

/// Undoes a line's `\\` and `\xNN`.
[[nodiscard]] std::string unescape_transcript(std::string_view text);

}  // namespace costrix::agi
