// SPDX-License-Identifier: MIT
// Word splitting, against the transcripts quoting, many-arguments and many-quoted-arguments.

#include <costrix/testing/asterisk_tokenizer.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using costrix::testing::split_as_asterisk;
using Words = std::vector<std::string>;

TEST(AsteriskTokenizer, SplitsAsRecorded) {
    struct Row {
        std::string line;
        Words words;
    };
    const std::vector<Row> rows{
        {"", {}},
        {"   \t", {}},
        {"NOOP", {"NOOP"}},
        {"  a\tb  c ", {"a", "b", "c"}},
        {R"("a b" c)", {"a b", "c"}},
        {R"(a\ b)", {"a b"}},
        {R"(a"b c"d)", {"ab cd"}},
        {R"("a""b")", {"ab"}},
        {R"("a\"b")", {"a\"b"}},
        {R"(a\"b)", {"a\"b"}},
        {R"("a\\b")", {"a\\b"}},
        {R"(a\b)", {"ab"}},
        {R"("a\nb")", {"anb"}},
        {"\"tab\tin\"", {"tab\tin"}},
        {R"("unterminated x)", {"unterminated x"}},
        {"'a b'", {"'a", "b'"}},
        {R"("\\")", {"\\"}},
        {R"("a\)", {"a"}},
        {R"("")", {""}},
        {R"(x "" y)", {"x", "", "y"}},
        {R"(""x)", {"x"}},
        {R"(x"" )", {"x"}},
        {"x\r", {"x\r"}},
        {"\xff\xfe", {"\xff\xfe"}},
        {std::string("a b\0c d", 7), {"a", "b"}},
    };
    for (const auto& row : rows) {
        const auto split = split_as_asterisk(row.line);
        EXPECT_EQ(split.words, row.words) << row.line;
        EXPECT_FALSE(split.truncated) << row.line;
        EXPECT_FALSE(split.overrun) << row.line;
    }
}

std::string repeated(const std::string& word, int count) {
    std::string line;
    for (int i = 0; i < count; ++i) {
        line += word + " ";
    }
    return line;
}

TEST(AsteriskTokenizer, TakesUpTo127Words) {
    for (const std::string word : {"x", "\"\""}) {
        const auto split = split_as_asterisk(repeated(word, 127));
        EXPECT_EQ(split.words.size(), 127U);
        EXPECT_FALSE(split.truncated || split.overrun);
    }
}

TEST(AsteriskTokenizer, CutsUnquotedWordsBeyondTheLimit) {
    const auto split = split_as_asterisk(repeated("x", 128));
    EXPECT_EQ(split.words.size(), 127U);
    EXPECT_TRUE(split.truncated);
    EXPECT_FALSE(split.overrun);
}

TEST(AsteriskTokenizer, OverrunsAtAQuotedWordBeyondTheLimit) {
    EXPECT_TRUE(split_as_asterisk(repeated("x", 127) + "\"y\"").overrun);
    EXPECT_TRUE(split_as_asterisk(repeated("\"\"", 128)).overrun);
}

}  // namespace
