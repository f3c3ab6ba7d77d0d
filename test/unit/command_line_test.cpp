// SPDX-License-Identifier: MIT
// Command lines: quoting, and what is refused before the wire.
#include <costrix/agi/protocol/command_line.hpp>

#include <gtest/gtest.h>

#include <string>

namespace costrix::agi {
namespace {

std::string encoded(std::string_view value) {
    CommandLine line;
    line.name("NOOP").argument(value, "text").finish();
    EXPECT_TRUE(line.ok()) << line.fault();
    return std::string(line.text());
}

TEST(CommandLine, QuotesEveryArgument) {
    EXPECT_EQ(encoded("a b"), "NOOP \"a b\"\n");
    EXPECT_EQ(encoded(""), "NOOP \"\"\n");
    EXPECT_EQ(encoded("tab\there"), "NOOP \"tab\there\"\n");
}

TEST(CommandLine, EscapesQuotesAndBackslashes) {
    EXPECT_EQ(encoded(R"(say "hi" \ bye)"), "NOOP \"say \\\"hi\\\" \\\\ bye\"\n");
}

TEST(CommandLine, LetsEveryOtherByteThrough) {
    for (int byte = 1; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        if (c == '\n' || c == '\r' || c == '"' || c == '\\')
            continue;
        EXPECT_EQ(encoded(std::string(1, c)), std::string("NOOP \"") + c + "\"\n");
    }
}

TEST(CommandLine, RefusesWhatNoCommandCanCarryAndSaysWhere) {
    struct Case {
        std::string value;
        std::string fault;
    };
    const Case cases[] = {
        {"ab\ncd", "value holds a line feed at byte 2, which no AGI command can carry"},
        {"\r", "value holds a carriage return at byte 0, which no AGI command can carry"},
        {std::string("abc\0d", 5),
         "value holds a NUL byte at byte 3, which no AGI command can carry"},
    };
    for (const auto& [value, fault] : cases) {
        CommandLine line;
        line.name("SET VARIABLE").argument("name", "name").argument(value, "value").finish();
        EXPECT_EQ(line.fault(), fault);
    }
}

TEST(CommandLine, KeepsTheFirstFault) {
    CommandLine line;
    line.name("X").argument("\n", "first").argument("\r", "second").finish();
    EXPECT_TRUE(line.fault().starts_with("first")) << line.fault();
}

TEST(CommandLine, TakesAsManyWordsAsAsteriskAndNoMore) {
    for (const std::size_t words : {127U, 128U}) {
        CommandLine line;
        line.name("NOOP");
        for (std::size_t i = 1; i < words; ++i)
            line.argument("x", "word");
        line.finish();
        EXPECT_EQ(line.ok(), words == 127) << line.fault();
    }
}

TEST(CommandLine, CountsShortWordsWithoutFail) {
    for (const int words : {127, 128}) {
        CommandLine line;
        line.name("N");
        for (int i = 1; i < words; ++i)
            line.number(7);
        line.finish();
        EXPECT_EQ(line.ok(), words == 127) << line.fault();
    }
}

TEST(CommandLine, TakesAsManyBytesAsAsteriskAndNoMore) {
    for (const std::size_t limit : {CommandLine::kSmallBuffer, CommandLine::kLargeBuffer}) {
        for (const std::size_t size : {limit, limit + 1}) {
            CommandLine line(limit);
            line.raw("NOOP " + std::string(size - 5, 'x')).finish();
            EXPECT_EQ(line.ok(), size == limit) << line.fault();
        }
    }
}

TEST(CommandLine, CountsTheWordsOfARawLineAsAsteriskDoes) {
    std::string quoted = "NOOP";
    for (int i = 1; i < 128; ++i)
        quoted += " \"a b\"";
    CommandLine line(CommandLine::kLargeBuffer);
    line.raw(quoted).finish();
    EXPECT_EQ(line.fault(), "the command has 128 words, over the 127 that Asterisk takes");
}

TEST(CommandLine, RefusesRawLinesThatAreNoCommand) {
    for (const char* text : {"", "  ", "NOOP\nANSWER", "FAILURE", "failure now", "Failures"}) {
        CommandLine line;
        EXPECT_FALSE(line.raw(text).finish().ok()) << text;
    }
}

TEST(CommandLine, KnowsTheKeysOfATelephone) {
    CommandLine good, bad;
    EXPECT_TRUE(good.name("X").keys("0123456789*#ABCD", "keys").ok());
    bad.name("X").keys("12x", "escape_digits");
    EXPECT_EQ(bad.fault(), "escape_digits holds 'x', which is not one of 0-9, *, #, A-D");
}

TEST(CommandLine, ReusesTheBufferThatItIsLent) {
    std::string buffer(500, 'x');
    const char* const memory = buffer.data();
    CommandLine line(CommandLine::kSmallBuffer, std::move(buffer));
    line.name("ANSWER").finish();
    EXPECT_EQ(line.text(), "ANSWER\n");
    EXPECT_EQ(line.text().data(), memory);
}

TEST(CommandLimit, IsLargeOnlyForVersionsKnownToHaveTheLargeBuffer) {
    for (const char* large : {"22.10.1+dfsg", "22.7.0", "21.12.0", "20.17.1", "23.0.0", "24.1"})
        EXPECT_EQ(command_limit(large), CommandLine::kLargeBuffer) << large;
    for (const char* large :
         {"22.6.0",
          "22.6.0~dfsg+~cs6.15.60671435-1",
          "21.11.0",
          "20.16.0-rc1",
          "certified-22.8-cert1",
          "certified/22.8-cert1",
          "22.8-cert1",
          "GIT-22-22.6.0-rc1-5-g1a2b3c4M"})
        EXPECT_EQ(command_limit(large), CommandLine::kLargeBuffer) << large;
    for (const char* small :
         {"22.5.2",
          "21.10.2",
          "20.15.2",
          "16.28.0~dfsg",
          "18.9-cert1",
          "certified/20.7-cert5",
          "certified-20.7-cert11",
          "20.7-cert5",
          "",
          "GIT-master-abc",
          "GIT-22-1a2b3c4",
          "GIT-20-20.15.0-12-g22a6b3c",
          "SVN-branch-1.8-r23.9",
          "23",
          "23."})
        EXPECT_EQ(command_limit(small), CommandLine::kSmallBuffer) << small;
}

}  // namespace
}  // namespace costrix::agi
