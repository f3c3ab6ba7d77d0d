// SPDX-License-Identifier: MIT
// The lines of transcripts.
#include "protocol/escape.hpp"

#include <costrix/agi/protocol/transcript_format.hpp>

#include <charconv>
#include <cstdio>

namespace costrix::agi {

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
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        std::size_t used = 1;
        unsigned char byte = 0;
        if (text.starts_with("\\\\")) {
            used = 2;
            result += '\\';
        } else if (text.starts_with("\\x") && text.size() >= 4 &&
                   std::from_chars(text.data() + 2, text.data() + 4, byte, 16).ptr ==
                       text.data() + 4) {
            used = 4;
            result += static_cast<char>(byte);
        } else {
            result += text.front();
        }
        text.remove_prefix(used);
    }
    return result;
}

}  // namespace costrix::agi
