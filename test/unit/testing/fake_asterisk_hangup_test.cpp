// SPDX-License-Identifier: MIT
// Every row of the hangup table: what the script sees when the call ends, and what AGI() becomes.

#include "support/fake_call.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <gtest/gtest.h>

#include <chrono>
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

constexpr std::string_view dead_reply =
    "511 Command Not Permitted on a dead channel or intercept routine\n";

TEST(FakeAsterisk, SendsHangupAtOnceToAnIdleScript) {
    auto fake = up();
    fake.hang_up();
    EXPECT_EQ(fake.take_output(), "HANGUP\n");
    EXPECT_TRUE(fake.hung_up());
    EXPECT_FALSE(fake.closed());
    EXPECT_EQ(say(fake, "NOOP"), "200 result=0\n");
    EXPECT_EQ(say(fake, "ANSWER"), dead_reply);
    fake.script_closed();
    EXPECT_TRUE(fake.closed());
    EXPECT_EQ(fake.agistatus(), "HANGUP");
}

TEST(FakeAsterisk, AnswersTheRunningCommandBeforeHangup) {
    struct Row {
        std::string command;
        std::string reply;
    };
    const Row rows[] = {
        {"STREAM FILE tt-monkeys \"\"", "200 result=-1 endpos=4160\n"},
        {"CONTROL STREAM FILE tt-monkeys \"\"", "200 result=-1 endpos=520\n"},
        {"GET DATA tt-monkeys", "200 result=-1\n"},
        {"GET OPTION tt-monkeys 1 1000", "200 result=-1 endpos=4160\n"},
        {"GET OPTION silence 1 5000", "200 result=0 endpos=800\n"},
        {"WAIT FOR DIGIT -1", "200 result=-1\n"},
        {"SAY DIGITS 123 \"\"", "200 result=-1\n"},
        {"RECEIVE CHAR 5000", "200 result=-1 (hangup)\n"},
        {"RECEIVE TEXT 5000", "200 result=-1\n"},
        {"RECORD FILE x wav # 5000", "200 result=-1 (hangup) endpos=4160\n"},
        {"EXEC Wait 5", "200 result=-1\n"},
        {"EXEC Playback tt-monkeys", "200 result=-1\n"},
        {"GOSUB sub slow 1",
         "100 result=0 Trying...\n200 result=0 Gosub complete (abnormal exit)\n"},
    };
    for (const auto& row : rows) {
        auto scenario = Scenario("test").sound("silence", 100ms).talks_for(1h);
        auto fake = up(scenario.subroutine("sub", "slow", "1", "", 5s));
        fake.receive(row.command + "\n");
        fake.advance(500ms);
        fake.hang_up();
        EXPECT_EQ(fake.take_output(), row.reply + "HANGUP\n") << row.command;
    }
}

TEST(FakeAsterisk, SendsHangupBeforeAnswer) {
    FakeAsterisk fake(Scenario("test").hang_up_after(1500ms));
    static_cast<void>(fake.take_output());
    ASSERT_EQ(fake.next_event(), 1500ms);
    fake.advance(1500ms);
    EXPECT_EQ(fake.take_output(), "HANGUP\n");
}

TEST(FakeAsterisk, AnswersHangupAndThenSendsHangup) {
    auto own = up();
    EXPECT_EQ(say(own, "HANGUP"), "200 result=1\nHANGUP\n");
    auto exec = up();
    EXPECT_EQ(say(exec, "EXEC Hangup"), "200 result=-1\nHANGUP\n");
    auto other = up();
    EXPECT_EQ(say(other, "HANGUP SIP/nobody-1"), "200 result=-1\n");
    EXPECT_FALSE(other.hung_up());
}

TEST(FakeAsterisk, HangsUpWhenAutohangupFires) {
    auto fake = up();
    EXPECT_EQ(say(fake, "SET AUTOHANGUP 1.5"), "200 result=0\n");
    ASSERT_EQ(fake.next_event(), 1500ms);
    fake.advance_to_next_event();
    EXPECT_EQ(fake.take_output(), "HANGUP\n");
    auto stopped = up();
    say(stopped, "SET AUTOHANGUP 1.5");
    say(stopped, "SET AUTOHANGUP 0");
    EXPECT_FALSE(stopped.next_event());
}

TEST(FakeAsterisk, KeepsQuietAboutHangupsWithoutAgisighup) {
    auto fake = up(Scenario("test").agisighup(false));
    fake.receive("STREAM FILE tt-monkeys \"\"\n");
    fake.advance(500ms);
    fake.hang_up();
    EXPECT_EQ(fake.take_output(), "200 result=-1 endpos=4160\n");
    EXPECT_EQ(say(fake, "CHANNEL STATUS"), dead_reply);
    fake.script_half_closed();
    EXPECT_EQ(fake.take_output(), "");
    EXPECT_EQ(fake.agistatus(), "HANGUP");
}

TEST(FakeAsterisk, TellsWhetherTheChannelIsHungUp) {
    auto fake = up(Scenario("test").agisighup(false));
    const auto* const question = "GET FULL VARIABLE ${CHANNEL(checkhangup)}${AGISIGHUP}";
    EXPECT_EQ(say(fake, question), "200 result=1 (0no)\n");
    fake.hang_up();
    EXPECT_EQ(say(fake, question), "200 result=1 (1no)\n");
}

// As Asterisk 22 was seen to.
TEST(FakeAsterisk, RunsNoApplicationThatNeedsACallerOnADeadChannel) {
    auto fake = up(Scenario("test").agisighup(false));
    fake.hang_up();
    EXPECT_EQ(say(fake, "EXEC Read X"), "200 result=0\n");
    EXPECT_EQ(say(fake, "GET VARIABLE READSTATUS"), "200 result=1 (HANGUP)\n");
    EXPECT_EQ(say(fake, "EXEC Dial PJSIP/1"), "200 result=-1\n");
}

TEST(FakeAsterisk, ClosesAfterTwoHangupLinesWithExitOnHangup) {
    auto idle = up(Scenario("test").exit_on_hangup());
    idle.hang_up();
    EXPECT_EQ(idle.take_output(), "HANGUP\nHANGUP\n");
    EXPECT_TRUE(idle.closed());
    EXPECT_EQ(idle.agistatus(), "HANGUP");
    auto silent = up(Scenario("test").exit_on_hangup().agisighup(false));
    silent.hang_up();
    EXPECT_EQ(silent.take_output(), "");
    EXPECT_TRUE(silent.closed());
}

TEST(FakeAsterisk, ReadsAgisighupOnlyAtTheStart) {
    auto fake = up();
    say(fake, "SET VARIABLE AGISIGHUP no");
    say(fake, "SET VARIABLE AGIEXITONHANGUP yes");
    fake.hang_up();
    EXPECT_EQ(fake.take_output(), "HANGUP\n");
    EXPECT_FALSE(fake.closed());
}

TEST(FakeAsterisk, SendsHangupWhenTheScriptHalfClosesALiveCall) {
    auto fake = up();
    fake.script_half_closed();
    EXPECT_EQ(fake.take_output(), "HANGUP\n");
    EXPECT_TRUE(fake.closed());
    EXPECT_FALSE(fake.hung_up());
    EXPECT_EQ(fake.agistatus(), "SUCCESS");
}

TEST(FakeAsterisk, EndsTheSessionAtTheWordFailure) {
    for (const std::string line : {"failure", "FAILURE is not a command", "Failures"}) {
        auto fake = up();
        EXPECT_EQ(say(fake, line), "HANGUP\n");
        EXPECT_TRUE(fake.closed());
        EXPECT_EQ(fake.agistatus(), "FAILURE");
    }
}

TEST(FakeAsterisk, SignalsClassicScripts) {
    auto fake = up(Scenario("script.sh").classic());
    fake.hang_up();
    EXPECT_EQ(fake.take_output(), "");
    EXPECT_EQ(fake.sighups(), 1);
    EXPECT_EQ(say(fake, "NOOP"), "200 result=0\n");
    fake.script_exited(0);
    EXPECT_EQ(fake.agistatus(), "HANGUP");
    EXPECT_EQ(fake.sighups(), 1);
}

TEST(FakeAsterisk, WaitsForAClassicScriptThatClosedItsStdout) {
    auto fake = up(Scenario("script.sh").classic());
    fake.script_half_closed();
    EXPECT_FALSE(fake.closed());
    fake.script_exited(3);
    EXPECT_TRUE(fake.closed());
    EXPECT_EQ(fake.agistatus(), "FAILURE");
}

TEST(FakeAsterisk, NoticesNoHangupInTheMiddleOfALine) {
    auto fake = up();
    fake.receive("NOOP beg");
    fake.hang_up();
    EXPECT_EQ(fake.take_output(), "");
    EXPECT_EQ(say(fake, "in"), "200 result=0\nHANGUP\n");
}

TEST(FakeAsterisk, AllowsFewCommandsOnADeadChannel) {
    FakeAsterisk fake(Scenario("test").dead());
    EXPECT_NE(fake.take_output().find("agi_extension: h\n"), std::string::npos);
    EXPECT_TRUE(fake.hung_up());
    for (const auto* command :
         {"ASYNCAGI BREAK",
          "DATABASE GET a b",
          "DATABASE PUT a b c",
          "DATABASE DEL a b",
          "DATABASE DELTREE a",
          "EXEC NoOp",
          "GET VARIABLE X",
          "GET FULL VARIABLE x",
          "NOOP",
          "SET VARIABLE A b",
          "SPEECH DESTROY",
          "SPEECH UNLOAD GRAMMAR g",
          "VERBOSE x"}) {
        EXPECT_TRUE(say(fake, command).starts_with("200 result=")) << command;
    }
    for (const auto* command :
         {"ANSWER",
          "CHANNEL STATUS",
          "HANGUP",
          "GOSUB a b c",
          "STREAM FILE beep \"\"",
          "HANGUP a b",
          "GET DATA beep",
          "SET CALLERID 1",
          "SEND TEXT x",
          "SAY DIGITS x"}) {
        EXPECT_EQ(say(fake, command), dead_reply) << command;
    }
    EXPECT_TRUE(say(fake, "SET VARIABLE").starts_with("520-"));
    EXPECT_TRUE(say(fake, "NONSENSE").starts_with("510 "));
}

TEST(FakeAsterisk, ReportsAFailedCommandInAgistatus) {
    auto fake = up();
    EXPECT_EQ(say(fake, "STREAM FILE no-such-file \"\""), "200 result=-1 endpos=0\n");
    fake.script_closed();
    EXPECT_EQ(fake.agistatus(), "FAILURE");
    EXPECT_EQ(fake.texts(EventKind::missing_sound), std::vector<std::string>{"no-such-file"});
}

TEST(FakeAsterisk, LetsAnApplicationHangUp) {
    auto fake =
        up(Scenario("test").application("Queue", ApplicationOutcome(-1).after(3s).hangs_up()));
    fake.receive("EXEC Queue support\n");
    EXPECT_TRUE(fake.busy());
    fake.advance(3s);
    EXPECT_EQ(fake.take_output(), "200 result=-1\nHANGUP\n");
}

}  // namespace
