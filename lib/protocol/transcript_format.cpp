// SPDX-License-Identifier: MIT
// Writes and reads the lines of transcripts.
#include "protocol/escape.hpp"

#include <costrix/agi/protocol/transcript_format.hpp>

#include <cstdio>

namespace costrix::inline COSTRIX_ABI::agi {

void append_transcript_line(std::string& transcript, char mark, std::string_view text) {
    transcript += mark;
    if (!text.empty())
        transcript += ' ';
    const bool last_blank = text.ends_with(' ');
    if (last_blank)
        text.remove_suffix(1);
    detail::append_escaped(transcript, text, {.ascii_only = true, .double_backslash = true});
    if (last_blank)
        detail::append_byte_as_hex(transcript, ' ');
    transcript += '\n';
}

void append_transcript_pause(std::string& transcript, std::chrono::nanoseconds time) {
    char text[48];
    const auto seconds = std::chrono::duration<double>(time).count();
    const int size = std::snprintf(text, sizeof text, "# +%.2f s\n", seconds);
    transcript.append(text, static_cast<std::size_t>(size));
}

std::string unescape_transcript(std::string_view text) {
    return detail::unescape(text);
}

}  // namespace costrix::inline COSTRIX_ABI::agi
