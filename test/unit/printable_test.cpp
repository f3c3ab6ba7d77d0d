// SPDX-License-Identifier: MIT
// What a log, a terminal and a transcript show of bytes that anybody may have chosen.
#include "protocol/log_text.hpp"

#include <costrix/agi/protocol/printable.hpp>
#include <costrix/agi/protocol/transcript_format.hpp>

#include <gtest/gtest.h>

#include <string>

namespace costrix::agi {
namespace {

using detail::log_message;
using detail::log_text;

/// As in a transcript, without its mark and its LF.
std::string transcript_text(std::string_view text) {
    std::string line;
    append_transcript_line(line, transcript_mark::script, text);
    return line.substr(2, line.size() - 3);
}

TEST(Printable, LeavesTextAsItIs) {
    for (const std::string text :
         {"plain ~!", "Zoë ☎ 電話", "👩‍💻", "\xc2\xa0", "\xf4\x8f\xbf\xbd"}) {
        EXPECT_EQ(printable(text), text);
        EXPECT_EQ(log_text(text), text);
        EXPECT_EQ(log_message(text), text);
    }
}

TEST(Printable, EscapesWhatATerminalOrAReaderCouldBeMisledBy) {
    const std::pair<std::string, std::string> rows[] = {
        {std::string("\0", 1), "\\x00"},
        {"\x1b[2J\x07\t\r\n", "\\x1b[2J\\x07\\x09\\x0d\\x0a"},
        {"\x7f", "\\x7f"},
        {"\xc2\x80", "\\xc2\\x80"},  // C1, the first
        {"\xc2\x9b", "\\xc2\\x9b"},  // C1: CSI in one character
        {"\xc2\x9f", "\\xc2\\x9f"},  // C1, the last
        {"\x9b", "\\x9b"},           // CSI where the terminal is no UTF-8
        {"\xff\xfe", "\\xff\\xfe"},
        {"\xe2\x98", "\\xe2\\x98"},                    // cut off
        {"\xc0\xaf", "\\xc0\\xaf"},                    // overlong
        {"\xc1\xbf", "\\xc1\\xbf"},                    // overlong
        {"\xe0\x82\x9b", "\\xe0\\x82\\x9b"},           // overlong CSI
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},           // a surrogate
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // beyond Unicode
        {"\xe2\x80\xa8", "\\xe2\\x80\\xa8"},           // line separator
        {"\xe2\x80\xae", "\\xe2\\x80\\xae"},           // right-to-left override
        {"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},           // left-to-right isolate
        {"\xd8\x9c", "\\xd8\\x9c"},                    // Arabic letter mark
    };
    for (const auto& [text, shown] : rows) {
        EXPECT_EQ(printable(text), shown);
        EXPECT_EQ(log_text(text), shown);
        EXPECT_EQ(log_message(text), shown);
        EXPECT_EQ(transcript_text(text), shown);
        EXPECT_EQ(unescape_transcript(shown), text);
    }
}

TEST(Printable, DoublesABackslashWhereTheTextIsToBeReadBack) {
    EXPECT_EQ(printable("a\\x9b"), "a\\x9b");
    EXPECT_EQ(log_message("a\\x9b"), "a\\x9b");
    EXPECT_EQ(log_text("a\\x9b"), "a\\\\x9b");
    EXPECT_EQ(transcript_text("a\\x9b"), "a\\\\x9b");
    EXPECT_EQ(transcript_text("Zoë"), "Zo\\xc3\\xab");  // ASCII only
}

TEST(LogText, IsCutBetweenCharacters) {
    EXPECT_EQ(log_text("abcdef", 3), "abc…");
    EXPECT_EQ(log_text("abcdef", 6), "abcdef");
    EXPECT_EQ(log_text("abcdef", 0), "…");
    EXPECT_EQ(log_text("ab☎cd", 4), "ab…");
    EXPECT_EQ(log_text("ab☎cd", 5), "ab☎…");
    EXPECT_EQ(log_text("\x80\x80\x80\x80\x80\x80", 5), "\\x80\\x80\\x80\\x80\\x80…");
    EXPECT_EQ(log_message(std::string(700, 'x')), std::string(600, 'x') + "…");
}

}  // namespace
}  // namespace costrix::agi
