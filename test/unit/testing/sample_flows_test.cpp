// SPDX-License-Identifier: MIT
// The call flows of the samples, each tested with the kit as a user would test his own.
#include <costrix/agi.hpp>
#include <costrix/testing/conversation.hpp>
#include <costrix/testing/run_call.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

// In samples/*.cpp, which are part of this program; a project has them in a header of its own.
asio::awaitable<void> menu(costrix::agi::AGI& call, const costrix::agi::Request& request);
asio::awaitable<void> pin(costrix::agi::AGI& call, const costrix::agi::Request& request);
asio::awaitable<void> fallback(costrix::agi::AGI& call, const costrix::agi::Request& request);
asio::awaitable<void> support(costrix::agi::AGI& call, const costrix::agi::Request& request);
asio::awaitable<void> customer(costrix::agi::AGI& call, const costrix::agi::Request& request);
asio::awaitable<void> greet(costrix::agi::AGI& call, const costrix::agi::Request& request);

namespace {

using namespace std::chrono_literals;
namespace agi = costrix::agi;
using costrix::testing::CallFlow;
using costrix::testing::Conversation;
using costrix::testing::EventKind;
using costrix::testing::run_call;
using costrix::testing::Scenario;

// --- ivr -----------------------------------------------------------------------------------------

TEST(Ivr, TakesAMenuChoice) {
    Conversation call("menu");
    call.expect("ANSWER").reply("200 result=0");
    call.expect("STREAM FILE hello-world 12").caller_waits(1s).reply("200 result=0 endpos=8000");
    call.expect("STREAM FILE vm-options 12").caller_waits(2s).caller_presses('2');
    call.expect("SET VARIABLE DEPARTMENT 2").reply("200 result=1");
    call.expect("SAY DIGITS 2 \"\"").reply("200 result=0");
    call.expect("HANGUP").reply("200 result=1").caller_hangs_up();
    EXPECT_TRUE(call.run(menu).hung_up);
}

TEST(Ivr, GivesUpAfterThreeAttempts) {
    Scenario scenario("menu");
    scenario.any_sound(1s).press_during("vm-options", "7", 2s).press_during("vm-options", "");
    const auto asterisk = run_call(scenario, menu);
    EXPECT_EQ(
        asterisk.texts(EventKind::log), std::vector<std::string>{"no choice in three attempts"}
    );
    EXPECT_FALSE(asterisk.variable("DEPARTMENT"));
    EXPECT_FALSE(asterisk.hung_up());  // the dialplan goes on
}

TEST(Ivr, LosesTheCallerInTheMenu) {
    Scenario scenario("menu");
    scenario.any_sound(1s).hang_up_during("vm-options", 300ms);
    const auto asterisk = run_call(scenario, menu);
    EXPECT_EQ(asterisk.agistatus(), "HANGUP");
    EXPECT_FALSE(asterisk.variable("DEPARTMENT"));
}

TEST(Ivr, TakesThePinOfThePath) {
    const CallFlow flow("pin/(?<pin>\\d{4})$", pin);
    for (const std::string entered : {"1234", "9999", ""}) {
        Scenario scenario("pin/1234");
        scenario.any_sound(1s).press_during("agent-pass", entered);
        const auto asterisk = run_call(scenario, flow);
        const bool right = entered == "1234";
        EXPECT_EQ(asterisk.variable("PIN_OK"), right ? "1" : "0") << entered;
        EXPECT_EQ(
            asterisk.texts(EventKind::played).back(), right ? "auth-thankyou" : "auth-incorrect"
        );
    }
}

TEST(Ivr, NotesAnyOtherPath) {
    Conversation call("nowhere?x=1");
    call.expect(agi::Verbose("no script nowhere")).reply("200 result=1");
    call.run(fallback);
}

// --- support -------------------------------------------------------------------------------------

const CallFlow kSupport("support/(?<queue>\\w+)", support);

TEST(Support, LetsNobodyInWithoutAPin) {
    for (const char* url : {"support/sales?pin=", "support/sales?pin", "support/sales"}) {
        Conversation call(url);
        call.expect("ANSWER").reply("200 result=0");
        call.expect<agi::GetData>().caller_waits(5s).reply("200 result= (timeout)");
        call.expect("HANGUP").reply("200 result=1").caller_hangs_up();
        EXPECT_TRUE(call.run(kSupport).hung_up) << url;
    }
}

TEST(Support, PutsTheCallerThroughForAMinute) {
    Conversation call("support/sales?pin=1234");
    call.expect("ANSWER").reply("200 result=0");
    call.expect("GET DATA agent-pass 5000 4").caller_waits(4s).reply("200 result=1234");
    call.expect("EXEC Queue sales").caller_waits(60s).reply("200 result=-1").caller_hangs_up();
    const auto end = call.run(kSupport);
    EXPECT_TRUE(end.hung_up);
    EXPECT_EQ(end.took, 64s);
}

TEST(Support, DoesNotForAWrongPin) {
    Conversation call("support/sales?pin=1234");
    call.expect<agi::Answer>().reply("200 result=0");
    call.expect<agi::GetData>().reply("200 result=99 (timeout)");
    call.expect<agi::Hangup>().reply("200 result=1");
    call.run(kSupport);
}

// --- please_hold ---------------------------------------------------------------------------------

Conversation customer_call(Scenario scenario) {
    Conversation call(scenario);
    call.expect("ANSWER").reply("200 result=0");
    return call;
}

TEST(PleaseHold, CutsThePromptShort) {
    auto call = customer_call(Scenario("customer").caller_number("5551234"));
    call.expect("STREAM FILE pls-hold-while-try 0").caller_waits(790ms).expect_interruption();
    call.caller_waits(790ms).expect("SET VARIABLE CUSTOMER Alice").reply("200 result=1");
    call.expect("STREAM FILE goodbye \"\"").caller_waits(1s).reply("200 result=0 endpos=8000");
    EXPECT_EQ(call.run(customer).took, 2600ms);
}

TEST(PleaseHold, KeepsTheKeyThatEndedThePrompt) {
    auto call = customer_call(Scenario("customer"));
    call.expect<agi::StreamFile>().caller_waits(100ms).reply("200 result=48 endpos=800");
    call.expect("SET VARIABLE CUSTOMER operator").reply("200 result=1");
    call.expect<agi::StreamFile>().reply("200 result=0 endpos=8000");
    call.run(customer);
}

TEST(PleaseHold, StopsLookingWhenTheCallerIsGone) {
    auto call = customer_call(Scenario("customer"));
    call.expect<agi::StreamFile>().caller_waits(790ms).expect_interruption();
    call.caller_waits(300ms).caller_hangs_up();
    const auto end = call.run(customer);
    EXPECT_TRUE(end.hung_up);
    EXPECT_LT(end.took, 1200ms);
}

TEST(PleaseHold, DoesNotWaitLongForTheGoodbye) {
    auto call = customer_call(Scenario("customer"));
    call.expect<agi::StreamFile>().reply("200 result=0 endpos=8000");
    call.expect<agi::SetVariable>().reply("200 result=1");
    call.expect<agi::StreamFile>().caller_waits(1990ms).expect_interruption();
    EXPECT_THROW(call.run(customer), agi::AGITimeout);
}

// --- own_action ----------------------------------------------------------------------------------

TEST(OwnAction, GreetsTheCallerByName) {
    Conversation call;
    call.expect("GET FULL VARIABLE ${ACCOUNT(name)}").reply("200 result=1 (Alice)");
    call.expect(agi::Verbose("welcome Alice")).reply("200 result=1");
    call.run(greet);
}

TEST(OwnAction, FailsWithoutAnAccount) {
    Conversation call;
    call.expect("GET FULL VARIABLE ${ACCOUNT(name)}").reply("200 result=1 ()");
    EXPECT_THROW(call.run(greet), agi::AGIAppError);
}

}  // namespace
