// SPDX-License-Identifier: MIT
// The tool's texts: URLs, durations, what is fit for a terminal, JSON.
#include "tool/agi_url.hpp"
#include "tool/formatting.hpp"
#include "tool/json.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace costrix::tool {
namespace {

using namespace std::chrono_literals;

TEST(AgiUrl, IsTakenApart) {
    const auto url = AgiUrl::parse("agi://pbx.example:4600/menu/sales?pin=1");
    EXPECT_EQ(url.host, "pbx.example");
    EXPECT_EQ(url.port, 4600);
    EXPECT_EQ(url.path, "menu/sales?pin=1");
    EXPECT_EQ(url.text, "agi://pbx.example:4600/menu/sales?pin=1");
}

TEST(AgiUrl, HasAsteriskDefaults) {
    const auto url = AgiUrl::parse("AGI://host");
    EXPECT_EQ(url.port, 4573);
    EXPECT_EQ(url.path, "");
    EXPECT_EQ(AgiUrl::parse("agi://host//x").path, "/x");
}

TEST(AgiUrl, TakesIpv6InBrackets) {
    const auto url = AgiUrl::parse("agi://[::1]:9/x");
    EXPECT_EQ(url.host, "::1");
    EXPECT_EQ(url.port, 9);
    EXPECT_EQ(AgiUrl::parse("agi://[::1]").port, 4573);
}

TEST(AgiUrl, EndsAtTheCommaThatBeginsTheArguments) {
    using Arguments = std::vector<std::string>;
    const auto url = AgiUrl::parse("agi://h/x?a=1,a,,\"b,c\",(d,e),f\\,g");
    EXPECT_EQ(url.text, "agi://h/x?a=1");
    EXPECT_EQ(url.path, "x?a=1");
    EXPECT_EQ(url.arguments, (Arguments{"a", "", "b,c", "(d,e)", "f,g"}));
    EXPECT_EQ(AgiUrl::parse("agi://[::1]:9/x,1").arguments, Arguments{"1"});
    EXPECT_EQ(AgiUrl::parse("agi://h/x").arguments, Arguments{});
}

TEST(Counted, HasOneOfOne) {
    EXPECT_EQ(counted(0, "call"), "0 calls");
    EXPECT_EQ(counted(1, "call"), "1 call");
    EXPECT_EQ(counted(1200, "call"), "1,200 calls");
}

TEST(AgiUrl, RefusesWhatIsNone) {
    for (const char* text :
         {"",
          "menu",
          "http://host/",
          "hagi://host/",
          "agi://",
          "agi:///x",
          "agi://host:0",
          "agi://host:65536",
          "agi://host:x/",
          "agi://[::1/x",
          "agi://[::1]x"})
        EXPECT_THROW((void)AgiUrl::parse(text), std::invalid_argument) << text;
}

TEST(Duration, HasUnits) {
    EXPECT_EQ(parse_duration("1.5s"), 1500ms);
    EXPECT_EQ(parse_duration("1.5"), 1500ms);
    EXPECT_EQ(parse_duration("200ms"), 200ms);
    EXPECT_EQ(parse_duration("50us"), 50us);
    EXPECT_EQ(parse_duration("2m"), 2min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    for (const char* text : {"", "s", "-1s", "1x", "1 s", "nan", "1e30h"})
        EXPECT_THROW((void)parse_duration(text), std::invalid_argument) << text;
}

TEST(Duration, HasRanges) {
    EXPECT_EQ(parse_duration_range("1s..2s").min, 1s);
    EXPECT_EQ(parse_duration_range("1s..2s").max, 2s);
    EXPECT_EQ(parse_duration_range("3s").min, 3s);
    EXPECT_EQ(parse_duration_range("3s").max, 3s);
    EXPECT_THROW((void)parse_duration_range("2s..1s"), std::invalid_argument);
}

TEST(Duration, IsShortForPeople) {
    EXPECT_EQ(short_duration(0ns), "0 ns");
    EXPECT_EQ(short_duration(999ns), "999 ns");
    EXPECT_EQ(short_duration(1234ns), "1.23 µs");
    EXPECT_EQ(short_duration(1234us), "1.23 ms");
    EXPECT_EQ(short_duration(12340us), "12.3 ms");
    EXPECT_EQ(short_duration(123400us), "123 ms");
    EXPECT_EQ(short_duration(90s), "90.0 s");
}

TEST(Printable, LeavesNothingThatUpsetsATerminal) {
    EXPECT_EQ(printable("plain"), "plain");
    EXPECT_EQ(printable("Zoë ☎"), "Zoë ☎");
    EXPECT_EQ(printable("\x1b[2J\x07\n"), "\\x1b[2J\\x07\\x0a");
    EXPECT_EQ(printable("\x7f\xff"), "\\x7f\\xff");
    EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");           // CSI in one character
    EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");           // overlong
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // a surrogate
    EXPECT_EQ(printable("\xe2\x98"), "\\xe2\\x98");           // cut off
}

TEST(Fitted, CutsAndFillsByCharacters) {
    EXPECT_EQ(fitted("abc", 5), "abc  ");
    EXPECT_EQ(fitted("Zoë", 3), "Zoë");
    EXPECT_EQ(fitted("Zoë is here", 4), "Zoë…");
    EXPECT_EQ(fitted("abc", 0), "");
}

TEST(EraseLast, TakesAllBytesOfACharacter) {
    std::string text = "aë☎";
    erase_last(text);
    EXPECT_EQ(text, "aë");
    erase_last(text);
    EXPECT_EQ(text, "a");
    erase_last(text);
    erase_last(text);
    EXPECT_EQ(text, "");
}

TEST(Grouped, SetsCommas) {
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
}

TEST(Json, KeepsItsOrderAndIsAlwaysUtf8) {
    Json json;
    json["name"] = "a \"b\" \n \xff Zoë";
    json["half"] = 0.5;
    EXPECT_EQ(
        to_text(json), "{\n  \"name\": \"a \\\"b\\\" \\n \xef\xbf\xbd Zoë\",\n  \"half\": 0.5\n}"
    );
}

}  // namespace
}  // namespace costrix::tool
