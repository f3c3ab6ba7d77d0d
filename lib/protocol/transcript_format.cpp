// SPDX-License-Identifier: MIT
// The lines of transcripts.
#include <costrix/agi/protocol/transcript_format.hpp>

#include <charconv>
#include <cstdio>

namespace costrix::agi {

void append_transcript_line(std::string& transcript, char mark, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    transcript += mark;
    if (!text.empty())
        transcript += ' ';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const auto byte = static_cast<unsigned char>(c);
        const bool last_blank = c == ' ' && i + 1 == text.size();
        if (c == '\\')
            transcript += "\\\\";
        else if (byte < 0x20 || byte > 0x7e || last_blank)
            transcript.append("\\x").append({kHex[byte >> 4], kHex[byte & 15]});
        else
            transcript += c;
    }
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
