// SPDX-License-Identifier: MIT
// RecordMessage: record, listen, record again, keep; and callers who hang up or say nothing.
#include "unit/flows/flow_call.hpp"

#include <costrix/testing/conversation.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace costrix::agi::test {
namespace {

using namespace std::chrono_literals;
using End = Recorded::End;

const std::string kFile = "/tmp/message";

/// A caller who talks for 5 s, then presses `#` 6 s after each beep begins.
Scenario talker() {
    Scenario scenario("flow");
    scenario.answered().any_sound(1s).talks_for(5s).press_during(kFile, "#", 6s);
    return scenario;
}

RecordMessage message() {
    RecordMessage message(kFile);
    message.prompt("vm-intro");
    return message;
}

TEST(RecordMessage, KeepsARecording) {
    const auto run = run_flow(talker(), message());
    EXPECT_TRUE(*run.result);
    EXPECT_EQ(run.result->end, End::kept);
    EXPECT_EQ(run.result->file, kFile);
    EXPECT_GT(run.result->length, 4s);
    EXPECT_LT(run.result->length, 7s);
}

TEST(RecordMessage, EndsBySilenceAndByTheLongestTime) {
    auto quiet = message();
    quiet.silence(2s);
    Scenario scenario("flow");
    scenario.answered().any_sound(1s).talks_for(5s);
    const auto silent = run_flow(scenario, quiet);
    EXPECT_EQ(silent.result->end, End::kept);
    EXPECT_LT(silent.took, 10s);
    auto brief = message();
    brief.longest(3s);
    const auto cut = run_flow(scenario, brief);
    EXPECT_EQ(cut.result->end, End::kept);
    EXPECT_LT(cut.result->length, 3200ms);
}

TEST(RecordMessage, SkipsThePromptByAnEndKey) {
    auto scenario = talker();
    scenario.press_during("vm-intro", "#", 300ms);
    const auto run = run_flow(scenario, message());
    EXPECT_EQ(run.result->end, End::kept);
}

TEST(RecordMessage, PlaysAndRecordsAgainAndKeeps) {
    auto reviewed = message();
    reviewed.review("vm-review");
    auto scenario = talker();
    scenario.press_during("vm-review", "2")
        .press_during("vm-review", "3")
        .press_during("vm-review", "1");
    const auto run = run_flow(scenario, reviewed);
    EXPECT_EQ(run.result->end, End::kept);
    EXPECT_EQ(
        run.played(),
        (Strings{
            "vm-intro", "beep", "vm-review", kFile, "vm-review", "vm-intro", "beep", "vm-review"})
    );
}

TEST(RecordMessage, ChoosesWhileTheRecordingPlays) {
    auto reviewed = message();
    reviewed.review("vm-review");
    auto scenario = talker();
    scenario.press_during("vm-review", "2");
    const auto asterisk = testing::run_call(
        scenario.press("1", 12s),
        [&](AGI& call, const Request&) -> asio::awaitable<void> {
            auto work = reviewed.run(call);
            const Recorded recorded = co_await std::move(work);
            EXPECT_EQ(recorded.end, End::kept);
        }
    );
    EXPECT_EQ(asterisk.times_begun("vm-review"), 1U);
}

TEST(RecordMessage, IsGivenUp) {
    auto reviewed = message();
    reviewed.review("vm-review");
    auto scenario = talker();
    const auto run = run_flow(scenario.press_during("vm-review", "*"), reviewed);
    EXPECT_EQ(run.result->end, End::discarded);
    EXPECT_FALSE(*run.result);
}

TEST(RecordMessage, IsKeptByACallerWhoDoesNotChoose) {
    auto reviewed = message();
    reviewed.review("vm-review").review_keys('4', '5', '6', '7');
    EXPECT_EQ(run_flow(talker(), reviewed).result->end, End::kept);
}

TEST(RecordMessage, IsTriedAgainWhenItIsTooShort) {
    auto brief = message();
    brief.attempts(2).on_too_short("vm-tooshort");
    Scenario scenario("flow");  // no audio at all
    scenario.answered().any_sound(1s).press_during(kFile, "#", 3s);
    const auto run = run_flow(scenario, brief);
    EXPECT_EQ(run.result->end, End::too_short);
    EXPECT_FALSE(*run.result);
    EXPECT_EQ(run.played(), (Strings{"vm-intro", "beep", "vm-tooshort", "vm-intro", "beep"}));
}

TEST(RecordMessage, IsKeptByAHangup) {
    auto reviewed = message();
    reviewed.review("vm-review");
    for (const bool sighup : {true, false}) {
        auto meanwhile = talker();
        meanwhile.agisighup(sighup).hang_up_during(kFile, 4s);
        EXPECT_EQ(run_flow(meanwhile, reviewed).result->end, End::hung_up);
        auto review = talker();
        review.agisighup(sighup).hang_up_during("vm-review", 500ms);
        EXPECT_EQ(run_flow(review, reviewed).result->end, End::hung_up);
        auto at_once = talker();
        at_once.agisighup(sighup).hang_up_during(kFile, 600ms);
        EXPECT_EQ(run_flow(at_once, reviewed).result->end, End::too_short);
        auto before = talker();
        before.agisighup(sighup).hang_up_during("vm-intro", 500ms);
        EXPECT_FALSE(run_flow(before, reviewed).result);  // AGIResultHangup
    }
}

/// Asterisk calls both "randomerror": a hangup during the beep, and a beep that is missing.
TEST(RecordMessage, TellsAHangupDuringTheBeepFromAMissingBeep) {
    for (const bool sighup : {true, false}) {
        bool threw = false;
        auto handler = [&](AGI& call, const Request&) -> asio::awaitable<void> {
            try {
                const RecordFile file("/tmp/message", "wav");
                co_await call.execute(file);
            } catch (const AGIResultHangup&) {
                threw = true;
                throw;
            }
        };
        auto scenario = caller();
        scenario.agisighup(sighup).hang_up_during("beep", 100ms);
        testing::run_call(scenario, handler);
        EXPECT_TRUE(threw) << sighup;
        testing::Conversation alive("flow");
        alive.expect<RecordFile>().reply("200 result=-1 (randomerror) endpos=0");
        EXPECT_THROW(alive.run(handler), AGIAppError);
    }
}

TEST(RecordMessage, FailsWhereNothingCanBeWritten) {
    auto scenario = talker();
    scenario.unwritable("/tmp");
    EXPECT_THROW(run_flow(scenario, message()), AGIAppError);
}

TEST(RecordMessage, RefusesWhatMakesNoSense) {
    EXPECT_THROW(message().longest(0ms), std::invalid_argument);
    EXPECT_THROW(message().attempts(0), std::invalid_argument);
    EXPECT_THROW(message().review_keys('1', '2', '1', '*'), std::invalid_argument);
}

}  // namespace
}  // namespace costrix::agi::test
