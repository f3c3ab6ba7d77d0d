// SPDX-License-Identifier: MIT
// The wire: one command in flight, interruptions, partial and long lines, the three 520 forms.

#include "support/fake_call.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
using costrix::test::say;
using costrix::test::up;
using costrix::testing::ApplicationOutcome;
using costrix::testing::EventKind;
using costrix::testing::FakeAsterisk;
using costrix::testing::Scenario;

TEST(FakeAsterisk, BeginsWithTheEnvironment) {
    FakeAsterisk fake(
        Scenario("ivr?x=1").args({"one", ""}).caller_number("5551234").caller_name("Ann")
    );
    const auto block = fake.environment();
    EXPECT_TRUE(block.starts_with("agi_network: yes\nagi_network_script: ivr?x=1\n"
                                  "agi_request: agi://127.0.0.1:4573/ivr?x=1\n"));
    EXPECT_NE(block.find("agi_callerid: 5551234\nagi_calleridname: Ann\n"), std::string::npos);
    EXPECT_TRUE(block.ends_with("agi_arg_1: one\nagi_arg_2: \n\n"));
    EXPECT_EQ(fake.take_output(), block);
    EXPECT_EQ(fake.take_output(), "");
}

TEST(FakeAsterisk, RunsOnlyTheFirstOfLinesThatArriveTogether) {
    auto fake = up();
    fake.receive("NOOP 1\nSET VARIABLE V 2\nGET VARIABLE V\n");
    EXPECT_EQ(fake.take_output(), "200 result=0\n");
    EXPECT_EQ(say(fake, "NOOP 4"), "200 result=1\n200 result=1 (2)\n200 result=0\n");
    fake.receive("NOOP 5\nNOOP 6\n");
    EXPECT_EQ(fake.take_output(), "200 result=0\n");
    fake.script_half_closed();
    EXPECT_EQ(fake.take_output(), "200 result=0\nHANGUP\n");
}

TEST(FakeAsterisk, DropsTheReplyOfAnInterruptedPrompt) {
    for (const std::string command :
         {"STREAM FILE tt-monkeys \"\"",
          "GET DATA tt-monkeys 3000 3",
          "GET DATA \"\" 3000 3",
          "GET OPTION tt-monkeys 1 3000"}) {
        auto fake = up();
        fake.receive(command + "\n");
        fake.advance(300ms);
        EXPECT_EQ(say(fake, "GET FULL VARIABLE fence"), "200 result=1 (fence)\n") << command;
        EXPECT_EQ(fake.texts(EventKind::dropped).size(), 1U);
        EXPECT_FALSE(fake.next_event());
    }
}

TEST(FakeAsterisk, AnswersInterruptedWaits) {
    auto wait = up();
    wait.receive("WAIT FOR DIGIT 3000\n");
    EXPECT_EQ(say(wait, "NOOP"), "200 result=1\n200 result=0\n");
    auto option = up();
    option.receive("GET OPTION beep 1 3000\n");
    option.advance(1s);
    EXPECT_EQ(say(option, "NOOP"), "200 result=0 endpos=3520\n200 result=0\n");
}

TEST(FakeAsterisk, DoesNotInterruptOtherCommands) {
    for (const std::string command :
         {"SAY DIGITS 12 \"\"",
          "CONTROL STREAM FILE beep \"\"",
          "RECORD FILE x wav # 900",
          "RECEIVE TEXT 900",
          "EXEC Wait 1",
          "EXEC Playback beep"}) {
        auto fake = up();
        fake.receive(command + "\n");
        fake.advance(100ms);
        EXPECT_EQ(say(fake, "VERBOSE x"), "") << command;
        fake.advance(5s);
        const auto output = fake.take_output();
        EXPECT_TRUE(output.ends_with("\n200 result=1\n")) << output;
    }
}

TEST(FakeAsterisk, InterruptsAPromptWhenTheScriptCloses) {
    auto fake = up();
    fake.receive("STREAM FILE tt-monkeys \"\"\n");
    fake.script_closed();
    EXPECT_TRUE(fake.closed());
    EXPECT_EQ(fake.take_output(), "");
    auto busy = up();
    busy.receive("EXEC Wait 2\n");
    busy.script_closed();
    EXPECT_FALSE(busy.closed());
    busy.advance(2s);
    EXPECT_TRUE(busy.closed());
    EXPECT_EQ(busy.agistatus(), "SUCCESS");
}

TEST(FakeAsterisk, RunsWhatWasSentBeforeTheClose) {
    auto fake = up();
    fake.receive("SET VARIABLE V 1\nVERBOSE one\nVERBOSE two");
    fake.script_closed();
    EXPECT_EQ(fake.texts(EventKind::log), (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(fake.variable("V"), "1");
}

TEST(FakeAsterisk, TakesALineInPieces) {
    auto fake = up();
    for (const char c : std::string("GET FULL VARIABLE x")) {
        fake.receive(std::string(1, c));
        EXPECT_EQ(fake.take_output(), "");
    }
    EXPECT_EQ(say(fake, ""), "200 result=1 (x)\n");
}

TEST(FakeAsterisk, SplitsLinesBeyondTheBuffer) {
    struct Row {
        const char* version;
        std::size_t limit;
    };
    for (const auto& row :
         {Row{"22.10.1", 8190},
          {"20.16.0", 8190},
          {"22.5.2", 2046},
          {"18.9-cert12", 2046},
          {"24.0.0", 8190}}) {
        auto fits = up(Scenario("test").version(row.version));
        EXPECT_EQ(say(fits, "NOOP " + std::string(row.limit - 5, 'x')), "200 result=0\n");
        EXPECT_EQ(say(fits, "NOOP"), "200 result=0\n");
        auto splits = up(Scenario("test").version(row.version));
        splits.receive("NOOP " + std::string(row.limit - 4, 'x') + "SET VARIABLE V 1\n");
        splits.receive("NOOP\n");
        EXPECT_EQ(splits.variable("V"), "1") << row.version;
    }
}

TEST(FakeAsterisk, SwallowsALineFeedAfterNul) {
    auto fake = up();
    EXPECT_EQ(say(fake, std::string("VERBOSE a\0b", 11)), "");
    EXPECT_EQ(say(fake, "c"), "200 result=1\n");
    EXPECT_EQ(fake.texts(EventKind::log), std::vector<std::string>{"ac"});
}

TEST(FakeAsterisk, DiesOfQuotedWordsBeyondTheLimit) {
    auto fake = up();
    std::string line = "NOOP";
    for (int i = 0; i < 200; ++i) {
        line += " \"\"";
    }
    EXPECT_EQ(say(fake, line), "");
    EXPECT_TRUE(fake.closed());
    EXPECT_EQ(fake.agistatus(), "");
    EXPECT_EQ(fake.texts(EventKind::crash).size(), 1U);
}

TEST(FakeAsterisk, KnowsTheThreeFormsOfWrongSyntax) {
    auto documented = up();
    EXPECT_EQ(
        say(documented, "SET VARIABLE"),
        "520-Invalid command syntax.  Proper usage follows:\n"
        "Sets a variable to the current channel.\n"
        "520 End of proper usage.\n"
    );
    auto bare = up(Scenario("test").undocumented());
    EXPECT_EQ(
        say(bare, "SET VARIABLE"), "520 Invalid command syntax.  Proper usage not available.\n"
    );
    auto odd = up(Scenario("test").application("Odd", ApplicationOutcome(1)).undocumented());
    EXPECT_EQ(
        say(odd, "EXEC Odd"),
        "200 result=1\n520 Invalid command syntax.  Proper usage not available.\n"
    );
}

/// Scraps of commands, separated by bars.
std::vector<std::string> scraps() {
    std::string text =
        "NOOP|GET FULL VARIABLE|${|}|$[|]|(|)|9*9*9|-1|\"|\\|EXEC|Wait|\n|\n|\n| | | |"
        "RECORD FILE|x wav # -1 s=99999999999|LEN(|STREAM FILE beep|Goto|,|Read|:|"
        "SET AUTOHANGUP 1e300|SET CALLERID|<|>|SAY NUMBER|-2147483648|\xff|"
        "SET PRIORITY|GET DATA|WAIT FOR DIGIT|SPEECH RECOGNIZE|99999999999|"
        "CONTROL STREAM FILE|GET OPTION|SAY DATETIME|'|RECEIVE TEXT|SPEECH CREATE\n";
    std::vector<std::string> result{std::string(1, '\0')};
    while (!text.empty()) {
        const auto bar = std::min(text.find('|'), text.size());
        result.push_back(text.substr(0, bar));
        text.erase(0, bar + 1);
    }
    return result;
}

TEST(FakeAsterisk, SurvivesAnyBytes) {
    std::mt19937 random(1);
    const auto pieces = scraps();
    for (int session = 0; session < 500; ++session) {
        auto fake = up(Scenario("test").any_sound(1s).speech_engine().talks_for(1s).says("x"));
        for (int i = 0; i < 60; ++i) {
            fake.receive(pieces[random() % pieces.size()] + (i % 3 == 0 ? " " : ""));
            fake.advance(std::chrono::milliseconds(random() % 400));
            if (i % 10 == 0) {
                fake.press("5#");
            }
        }
        fake.script_closed();
        while (!fake.closed() && fake.advance_to_next_event()) {
        }
        EXPECT_TRUE(fake.closed() || fake.busy());
    }
}

}  // namespace
