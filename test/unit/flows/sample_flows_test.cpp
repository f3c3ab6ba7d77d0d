// SPDX-License-Identifier: MIT
// The call flows of the samples ask_pin, nested_menu, voicemail and find_me.
#include "unit/flows/flow_call.hpp"

#include <costrix/testing/run_call.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <string>

// In samples/*.cpp, which are part of this program.
asio::awaitable<void> login(costrix::agi::AGI& call, const costrix::agi::Request& request);
asio::awaitable<void> front_desk(costrix::agi::AGI& call, const costrix::agi::Request& request);
asio::awaitable<void> voicemail(costrix::agi::AGI& call, const costrix::agi::Request& request);
asio::awaitable<void> find_me(costrix::agi::AGI& call, const costrix::agi::Request& request);
costrix::agi::Menu front_desk_menu();

namespace costrix::agi::test {
namespace {

using namespace std::chrono_literals;

TEST(AskPin, TellsSilenceFromAWrongPin) {
    auto scenario = caller();
    scenario.press_during("agent-pass", "").press_during("agent-pass", "9999");
    scenario.press_during("agent-pass", "0007");
    const auto asterisk = testing::run_call(scenario, login);
    EXPECT_EQ(asterisk.variable("CUSTOMER"), "James");
    EXPECT_EQ(
        asterisk.texts(EventKind::played),
        (Strings{
            "agent-pass",
            "please-try-again",
            "agent-pass",
            "pls-wait-connect-call",
            "auth-incorrect",
            "agent-pass",
            "pls-wait-connect-call"})
    );
}

/// The statements of a handler in a sample: the lines of its body.
int lines_of_handler(const std::string& file, const std::string& begin) {
    std::ifstream sample(std::string(COSTRIX_TEST_DIR) + "/../samples/" + file);
    int lines = -1;
    for (std::string line; std::getline(sample, line);) {
        if (line.starts_with(begin))
            lines = 0;
        else if (lines >= 0 && line == "}")
            return lines;
        else if (lines >= 0)
            ++lines;
    }
    return -1;
}

TEST(AskPin, IsAsShortAsOnPaper) {
    const int lines = lines_of_handler("ask_pin.cpp", "asio::awaitable<void> login(");
    EXPECT_GT(lines, 5);
    EXPECT_LE(lines, 12);
}

TEST(AskPin, GivesUpAfterThreeTries) {
    const auto asterisk = testing::run_call(caller(), login);
    EXPECT_EQ(asterisk.variable("CUSTOMER"), "");
    EXPECT_EQ(asterisk.times_begun("agent-pass"), 3U);
    EXPECT_EQ(asterisk.texts(EventKind::log), Strings{"the caller stays silent"});
}

TEST(NestedMenu, DialsARoomByItsNumber) {
    auto scenario = caller();
    scenario.press("1", 1s).press("234", 3s).dial("PJSIP/234", "ANSWER", 60s);
    const auto asterisk = testing::run_call(scenario, front_desk);
    EXPECT_EQ(asterisk.variable("DIALSTATUS"), "ANSWER");
    EXPECT_EQ(asterisk.variable("CHOSEN"), "234");
}

TEST(NestedMenu, GoesBackAndRepeatsAndFindsTheOperator) {
    auto scenario = caller();
    scenario.press("1", 1s).press("*", 3s).press("9", 5s).press("2", 7s).press("0", 12s);
    const auto asterisk = testing::run_call(scenario, front_desk);
    EXPECT_EQ(
        asterisk.texts(EventKind::played),
        (Strings{
            "welcome", "for-rooms", "welcome", "welcome", "office-hours", "welcome", "main-menu"})
    );
    EXPECT_EQ(asterisk.variable("CHOSEN"), "0");
}

TEST(NestedMenu, CanBeShown) {
    EXPECT_EQ(
        to_text(front_desk_menu()),
        "menu: welcome + main-menu\n"
        "|-- 1  rooms: for-rooms\n"
        "|   |-- 2XX  call the room\n"
        "|   |-- *  back\n"
        "|   `-- invalid  no-such-room\n"
        "|-- 2  opening hours\n"
        "|-- 9  repeat\n"
        "|-- 0  operator, also in the menus below\n"
        "|-- invalid  invalid\n"
        "`-- otherwise  operator\n"
    );
}

testing::CallFlow voicemail_flow() {
    return {"voicemail/(?<box>\\d+)$", voicemail};
}

TEST(Voicemail, KeepsAReviewedMessage) {
    Scenario scenario("voicemail/100");
    scenario.any_sound(1s).talks_for(8s).unique_id("17.1");
    scenario.press_during("/var/spool/asterisk/tmp/100-17.1", "#", 9s);
    scenario.press_during("vm-review", "3").press_during("vm-review", "1");
    const auto asterisk = testing::run_call(scenario, voicemail_flow());
    EXPECT_EQ(asterisk.variable("MESSAGE"), "/var/spool/asterisk/tmp/100-17.1");
    EXPECT_EQ(asterisk.times_begun("beep"), 2U);
}

TEST(Voicemail, KeepsTheMessageOfACallerWhoHangsUp) {
    Scenario scenario("voicemail/100");
    scenario.any_sound(1s).talks_for(1min);
    scenario.hang_up_after(15s);
    const auto asterisk = testing::run_call(scenario, voicemail_flow());
    EXPECT_TRUE(asterisk.variable("MESSAGE"));
    EXPECT_EQ(asterisk.agistatus(), "HANGUP");
}

TEST(Voicemail, HasNothingOfACallerWhoSaysNothing) {
    Scenario scenario("voicemail/100");
    scenario.any_sound(1s).talks_for(500ms);
    const auto asterisk = testing::run_call(scenario, voicemail_flow());
    EXPECT_FALSE(asterisk.variable("MESSAGE")) << *asterisk.variable("MESSAGE_SECONDS");
}

testing::CallFlow find_me_flow() {
    return {"find/(?<who>\\w+)$", find_me};
}

TEST(FindMe, DialsUntilSomebodyAnswers) {
    Scenario scenario("find/alice");
    scenario.answered().dial("PJSIP/desk-alice", "NOANSWER", 15s);
    scenario.dial("PJSIP/mobile-alice", "ANSWER", 90s);
    const auto asterisk = testing::run_call(scenario, find_me_flow());
    EXPECT_EQ(asterisk.variable("FOUND_AT"), "PJSIP/mobile-alice");
    EXPECT_EQ(asterisk.variable("TALKED"), "90");
    EXPECT_EQ(asterisk.texts(EventKind::log), Strings{"PJSIP/desk-alice: NOANSWER"});
}

TEST(FindMe, ReportsAfterTheCallerHasHungUp) {
    for (const bool sighup : {true, false}) {
        Scenario scenario("find/alice");
        scenario.answered().agisighup(sighup).dial("PJSIP/desk-alice", "ANSWER", 1h);
        const auto asterisk = testing::run_call(scenario.hang_up_after(30s), find_me_flow());
        EXPECT_EQ(asterisk.variable("FOUND_AT"), "PJSIP/desk-alice");
    }
}

TEST(FindMe, TakesAMessageInTheEnd) {
    Scenario scenario("find/alice");
    scenario.answered().application("VoiceMail", "SUCCESS", 20s);
    const auto asterisk = testing::run_call(scenario, find_me_flow());
    EXPECT_EQ(asterisk.variable("VMSTATUS"), "SUCCESS");
}

}  // namespace
}  // namespace costrix::agi::test
