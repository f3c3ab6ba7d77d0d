// SPDX-License-Identifier: MIT
// The caller and the dialplan: keys, prompts, texts, recordings, speech, applications, events.

#include "support/fake_call.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
using costrix::test::ask;
using costrix::test::up;
using costrix::testing::ApplicationOutcome;
using costrix::testing::describe;
using costrix::testing::EventKind;
using costrix::testing::FakeAsterisk;
using costrix::testing::Scenario;
using Texts = std::vector<std::string>;

TEST(FakeAsterisk, AnswersPromptsWithTheCallersKeys) {
    auto fake =
        up(Scenario("test").sound("enter-pin", 2s).press_during("enter-pin", "1234#", 500ms, 200ms)
        );
    EXPECT_EQ(ask(fake, "GET DATA enter-pin 5000 8"), "200 result=1234\n");
    EXPECT_EQ(fake.now(), 500ms + 4 * 200ms + 100ms);
    EXPECT_EQ(fake.texts(EventKind::key), (Texts{"1", "2", "3", "4", "#"}));
}

TEST(FakeAsterisk, AnswersAPromptDifferentlyTheSecondTime) {
    auto scenario = Scenario("test").sound("pin", 1s);
    scenario.press_during("pin", "11#").press_during("pin", "22#");
    auto fake = up(scenario);
    EXPECT_EQ(ask(fake, "GET DATA pin"), "200 result=11\n");
    EXPECT_EQ(ask(fake, "GET DATA pin"), "200 result=22\n");
    EXPECT_EQ(ask(fake, "GET DATA pin"), "200 result=22\n");
}

TEST(FakeAsterisk, LetsAKeyEndASoundWithoutLength) {
    auto fake = up(Scenario("test").any_sound({}).key_length({}).press_during("menu", "1", 0s));
    EXPECT_EQ(ask(fake, "STREAM FILE menu 12"), "200 result=49 endpos=0\n");
    EXPECT_EQ(ask(fake, "STREAM FILE menu 2"), "200 result=0 endpos=0\n");
}

TEST(FakeAsterisk, KeepsToGetDatasTimeouts) {
    auto fake = up(Scenario("test").press_during("", "", 1s).press_during("", "12", 1s));
    EXPECT_EQ(ask(fake, "GET DATA \"\""), "200 result= (timeout)\n");
    EXPECT_EQ(fake.now(), 6s);
    EXPECT_EQ(ask(fake, "GET DATA \"\""), "200 result=12 (timeout)\n");
    EXPECT_EQ(fake.now(), 6s + 1s + 250ms + 100ms + 2s);
}

TEST(FakeAsterisk, LosesKeysPressedBeforeACommand) {
    auto fake = up(Scenario("test").press("5", 100ms));
    fake.advance(1s);
    EXPECT_EQ(ask(fake, "WAIT FOR DIGIT 500"), "200 result=0\n");
    fake.press('7');
    EXPECT_EQ(ask(fake, "WAIT FOR DIGIT 500"), "200 result=55\n");
}

TEST(FakeAsterisk, ReportsOffsetsInSamplesButControlStreamFileInMilliseconds) {
    auto fake = up(Scenario("test").sound("menu", 5s).press_during("menu", "1", 900ms));
    EXPECT_EQ(ask(fake, "STREAM FILE menu 1"), "200 result=49 endpos=8160\n");
    EXPECT_EQ(ask(fake, "CONTROL STREAM FILE menu 1"), "200 result=49 endpos=1020\n");
    EXPECT_EQ(fake.variable("CPLAYBACKSTATUS"), "USERSTOPPED");
}

TEST(FakeAsterisk, HangsUpDuringAPrompt) {
    auto fake = up(Scenario("test").any_sound(3s).hang_up_during("menu", 1s));
    EXPECT_EQ(ask(fake, "STREAM FILE hello \"\""), "200 result=0 endpos=24000\n");
    EXPECT_EQ(ask(fake, "STREAM FILE menu \"\""), "200 result=-1 endpos=8160\nHANGUP\n");
}

TEST(FakeAsterisk, HasNoSoundWithoutBeingTold) {
    auto fake = up(Scenario("test").any_sound(1s).without_sound("gone"));
    EXPECT_EQ(ask(fake, "GET DATA gone"), "200 result=-1\n");
    EXPECT_EQ(ask(fake, "STREAM FILE a&b \"\""), "200 result=-1 endpos=0\n");
    EXPECT_EQ(ask(fake, "STREAM FILE a.wav \"\""), "200 result=-1 endpos=0\n");
    EXPECT_EQ(ask(fake, "STREAM FILE a \"\""), "200 result=0 endpos=8000\n");
}

TEST(FakeAsterisk, SendsTextWhenAsked) {
    auto fake =
        up(Scenario("test").send_text_when_asked("hello (there)").send_text_when_asked("x"));
    EXPECT_EQ(ask(fake, "RECEIVE TEXT 5000"), "200 result=1 (hello (there))\n");
    EXPECT_EQ(ask(fake, "RECEIVE CHAR 5000"), "200 result=120\n");
    EXPECT_EQ(ask(fake, "RECEIVE CHAR 5000"), "200 result=-1 (hangup)\n");
    fake.receive("RECEIVE TEXT 5000\n");
    fake.send_text("live");
    EXPECT_EQ(fake.take_output(), "200 result=1 (live)\n");
}

TEST(FakeAsterisk, RecordsWhatTheCallerSays) {
    auto fake = up(Scenario("test").talks_for(2s).unwritable("/nowhere"));
    EXPECT_EQ(ask(fake, "RECORD FILE msg wav # 1000"), "200 result=0 (timeout) endpos=8160\n");
    EXPECT_EQ(
        ask(fake, "RECORD FILE msg wav # 9000 0 BEEP s=2"),
        "200 result=5000 (timeout) endpos=24160\n"
    );
    EXPECT_EQ(ask(fake, "RECORD FILE /nowhere/msg wav # 1000"), "200 result=-1 (writefile)\n");
    auto silent = up();
    EXPECT_EQ(ask(silent, "RECORD FILE msg wav # 1000"), "200 result=0 (timeout) endpos=0\n");
}

TEST(FakeAsterisk, HearsScriptedSpeech) {
    auto scenario = Scenario("test").speech_engine().sound("which-city", 2s);
    scenario.says("new york", 812, "cities", 3s).says("never heard", 1, "g", 1h);
    auto fake = up(scenario);
    EXPECT_EQ(ask(fake, "SPEECH RECOGNIZE which-city 5"), "200 result=0\n");
    EXPECT_EQ(ask(fake, "SPEECH CREATE"), "200 result=1\n");
    EXPECT_EQ(ask(fake, "SPEECH CREATE"), "200 result=0\n");  // there is one
    EXPECT_EQ(ask(fake, "SPEECH LOAD GRAMMAR g /tmp/g"), "200 result=1\n");
    EXPECT_EQ(
        ask(fake, "SPEECH RECOGNIZE which-city 5"),
        "200 result=1 (speech) endpos=0 results=1 score0=812 text0=\"new york\" "
        "grammar0=cities\n"
    );
    EXPECT_EQ(ask(fake, "SPEECH RECOGNIZE which-city 5"), "200 result=1 (timeout) endpos=0\n");
    fake.press('4');
    EXPECT_EQ(
        ask(fake, "SPEECH RECOGNIZE which-city 5"), "200 result=1 (digit) digit=4 endpos=0\n"
    );
    EXPECT_EQ(ask(fake, "SPEECH DESTROY"), "200 result=1\n");
    EXPECT_EQ(ask(fake, "SPEECH DESTROY"), "200 result=0\n");
}

TEST(FakeAsterisk, RunsApplicationsOfTheScenario) {
    auto scenario = Scenario("test").dial("SIP/100", "BUSY", 2s).dial("SIP/200", "ANSWER", 60s);
    scenario.application("Queue", [](std::string_view arguments) {
        const bool open = arguments == "support";
        return ApplicationOutcome(0).sets("QUEUESTATUS", open ? "TIMEOUT" : "JOINEMPTY");
    });
    auto fake = up(scenario);
    EXPECT_EQ(ask(fake, "EXEC QUEUE support"), "200 result=0\n");
    EXPECT_EQ(fake.variable("QUEUESTATUS"), "TIMEOUT");
    EXPECT_EQ(ask(fake, "EXEC Dial \"SIP/100,30\""), "200 result=0\n");
    EXPECT_EQ(fake.variable("DIALSTATUS"), "BUSY");
    EXPECT_EQ(ask(fake, "EXEC Dial SIP/200"), "200 result=-1\n");
    EXPECT_EQ(ask(fake, "EXEC Dial SIP/300"), "200 result=0\n");
    EXPECT_EQ(fake.variable("DIALSTATUS"), "CHANUNAVAIL");
    EXPECT_EQ(ask(fake, "EXEC NoSuch"), "200 result=-2\n");
    EXPECT_EQ(fake.now(), 62s);
}

TEST(FakeAsterisk, SaysWhatItCannotSimulate) {
    auto fake = up(Scenario("test").function("MINE", [](auto) { return std::nullopt; }));
    EXPECT_EQ(ask(fake, "EXEC Queue sales"), "200 result=-2\n");
    EXPECT_EQ(ask(fake, "SET VARIABLE SHARED(a) 1"), "200 result=1\n");
    EXPECT_EQ(ask(fake, "EXEC Set CHANNEL(musicclass)=jazz"), "200 result=0\n");
    EXPECT_EQ(ask(fake, "GET VARIABLE SHARED(a)"), "200 result=0\n");
    EXPECT_EQ(ask(fake, "GET VARIABLE MINE(a)"), "200 result=0\n");
    EXPECT_EQ(ask(fake, "SET VARIABLE CALLERID(num) 1"), "200 result=1\n");
    EXPECT_EQ(
        fake.texts(EventKind::unsimulated),
        (Texts{
            "application Queue",
            "dialplan function to write SHARED(a)",
            "dialplan function to write CHANNEL(musicclass)",
            "dialplan function SHARED"})
    );
}

TEST(FakeAsterisk, CountsHowOftenAPromptBegan) {
    auto fake = up(Scenario("test").any_sound(1s));
    EXPECT_EQ(fake.times_begun("menu"), 0U);
    ask(fake, "STREAM FILE menu \"\"");
    ask(fake, "GET DATA menu 1000 1");
    ask(fake, "WAIT FOR DIGIT 100");
    EXPECT_EQ(fake.times_begun("menu"), 2U);
    EXPECT_EQ(fake.times_begun(""), 1U);
}

TEST(FakeAsterisk, GivesEachCallItsOwnIds) {
    const FakeAsterisk one, other, named(Scenario().unique_id("7.7").channel("PJSIP/a-1"));
    const auto line = [](const FakeAsterisk& fake, const std::string& key) {
        const auto block = fake.environment();
        const auto at = block.find("agi_" + key + ": ");
        return block.substr(at, block.find('\n', at) - at);
    };
    EXPECT_NE(line(one, "uniqueid"), line(other, "uniqueid"));
    EXPECT_NE(line(one, "channel"), line(other, "channel"));
    EXPECT_EQ(line(named, "uniqueid"), "agi_uniqueid: 7.7");
    EXPECT_EQ(line(named, "channel"), "agi_channel: PJSIP/a-1");
}

TEST(FakeAsterisk, AnswersGosubTwice) {
    auto fake = up(Scenario("test").subroutine("sub", "s", "1", "got-${ARG1}", 1s));
    fake.receive("GOSUB sub s 1 x\n");
    EXPECT_EQ(fake.take_output(), "100 result=0 Trying...\n");
    fake.advance(1s);
    EXPECT_EQ(fake.take_output(), "200 result=0 Gosub complete\n");
    EXPECT_EQ(fake.variable("GOSUB_RETVAL"), "got-x");
    EXPECT_FALSE(fake.variable("ARG1"));
}

TEST(FakeAsterisk, EvaluatesExpressions) {
    auto fake = up(Scenario("test")
                       .variable("V", "h\xc3\xa9 (x)")
                       .caller_number("555")
                       .language("de")
                       .database("cities", "1", "Bonn"));
    const std::pair<const char*, const char*> rows[] = {
        {"${LEN(${V})}", "7"},
        {"${V:0:1}${V:-2}", "hx)"},
        {"${ISNULL(${NONE})}${ISNULL(${V})}", "10"},
        {"${URIENCODE(${V})}", "h%C3%A9%20%28x%29"},
        {"${BASE64_ENCODE(${V})}", "aMOpICh4KQ=="},
        {"${CALLERID(num)} ${CHANNEL(language)} ${CHANNEL(state)}", "555 de Up"},
        {"$[(1+2)*3-10/2]", "4"},
        {"${DB(cities/1)}", "Bonn"},
        {"plain $ text", "plain $ text"},
    };
    for (const auto& [expression, value] : rows) {
        const auto command = "GET FULL VARIABLE \"" + std::string(expression) + "\"";
        EXPECT_EQ(ask(fake, command), "200 result=1 (" + std::string(value) + ")\n") << expression;
    }
    EXPECT_EQ(fake.database("cities", "1"), "Bonn");
    EXPECT_FALSE(fake.database("cities", "2"));
}

TEST(FakeAsterisk, TellsUnsetFromEmptyAndCutsLongValues) {
    auto fake = up(Scenario("test").variable("EMPTY", "").variable("LONG", std::string(2000, 'x')));
    EXPECT_EQ(ask(fake, "GET VARIABLE NONE"), "200 result=0\n");
    EXPECT_EQ(ask(fake, "GET VARIABLE EMPTY"), "200 result=1 ()\n");
    EXPECT_EQ(ask(fake, "GET VARIABLE LONG"), "200 result=1 (" + std::string(1023, 'x') + ")\n");
    EXPECT_EQ(
        ask(fake, "GET FULL VARIABLE ${LONG}"), "200 result=1 (" + std::string(2000, 'x') + ")\n"
    );
}

TEST(FakeAsterisk, TellsObserversWhatHappens) {
    auto fake = up(Scenario("test").sound("welcome", 1200ms).press_during("welcome", "5", 300ms));
    Texts seen;
    fake.observe([&](const auto& event) { seen.push_back(describe(event)); });
    ask(fake, "STREAM FILE welcome 5");
    fake.hang_up();
    EXPECT_EQ(
        seen,
        (Texts{
            "script: STREAM FILE welcome 5",
            "plays welcome (1.20 s)",
            "caller presses 5",
            "asterisk: 200 result=53 endpos=3360",
            "hung up by the caller",
            "asterisk: HANGUP"})
    );
    EXPECT_EQ(fake.events().back().time(), 400ms);
}

TEST(FakeAsterisk, SaysWhereTheDialplanGoesOn) {
    auto fake = up(Scenario("test").location("in", "100", 7).label("menu", 20));
    EXPECT_EQ(fake.continues_at(), "in 100 8");
    EXPECT_EQ(ask(fake, "SET PRIORITY nolabel").substr(0, 4), "520-");
    ask(fake, "SET PRIORITY menu");
    EXPECT_EQ(fake.continues_at(), "in 100 20");
    ask(fake, "EXEC Goto out,s,1");
    EXPECT_EQ(fake.continues_at(), "out s 1");
}

}  // namespace
