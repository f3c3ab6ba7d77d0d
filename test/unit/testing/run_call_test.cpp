// SPDX-License-Identifier: MIT
// Handlers against the simulated Asterisk, in process: keys, prompts and hangups in no time.
#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/run_call.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace costrix::testing {
namespace {

using namespace std::chrono_literals;

asio::awaitable<void> survey(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    const auto answer = co_await call.execute(agi::GetData("vm-options").timeout(5s).max_digits(1));
    co_await call.execute(agi::SetVariable("ANSWER", answer.digits));
    co_await call.sleep_for(30s);
    co_await call.execute(agi::StreamFile("goodbye"));
}

Scenario survey_call() {
    Scenario scenario("survey");
    scenario.any_sound(2s).press_during("vm-options", "4", 3s);
    return scenario;
}

TEST(RunCall, PlaysAWholeCall) {
    const auto asterisk = run_call(survey_call(), survey);
    EXPECT_EQ(asterisk.variable("ANSWER"), "4");
    EXPECT_EQ(asterisk.agistatus(), "SUCCESS");
    EXPECT_EQ(
        asterisk.texts(EventKind::played), (std::vector<std::string>{"vm-options", "goodbye"})
    );
    EXPECT_EQ(asterisk.now(), 500ms + 3s + 100ms + 30s + 2s);  // ANSWER takes half a second
}

TEST(RunCall, ForgesNothingByANewlineInACallersName) {
    std::string account, extension, argument;
    auto flow = [&](agi::AGI& call, const agi::Request& request) -> asio::awaitable<void> {
        account = call.environment().account_code();
        extension = call.environment().extension();
        argument = request.args.at(0);
        co_return;
    };
    Scenario scenario("survey");
    scenario.args({"guest"}).caller_name(
        "Eve\nagi_accountcode: forged\nagi_extension: h\nagi_arg_1: admin"
    );
    run_call(scenario, flow);
    EXPECT_EQ(account, "");
    EXPECT_NE(extension, "h");
    EXPECT_EQ(argument, "guest");
}

TEST(RunCall, TellsAnObserver) {
    std::vector<std::string> keys;
    run_call(survey_call(), survey, [&](const Event& event) {
        if (event.kind() == EventKind::key)
            keys.push_back(event.text());
    });
    EXPECT_EQ(keys, std::vector<std::string>{"4"});
}

TEST(RunCall, EndsWithTheCaller) {
    const auto asterisk = run_call(survey_call().hang_up_after(10s), survey);
    EXPECT_EQ(asterisk.agistatus(), "HANGUP");
    EXPECT_EQ(asterisk.variable("ANSWER"), "4");
    EXPECT_EQ(asterisk.now(), 33600ms);  // the handler slept through it
}

TEST(RunCall, TakesAHangupInAsiosOperatorsForAHangup) {
    using namespace asio::experimental::awaitable_operators;
    auto flow = [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await (call.sleep_for(1h) && call.execute(agi::WaitForDigit()));
    };
    EXPECT_EQ(run_call(Scenario("x").hang_up_after(5s), flow).agistatus(), "HANGUP");
}

TEST(RunCall, EndsALoopOfApplicationsWithACallerWhoIsGone) {
    int rounds = 0;
    auto flow = [&](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        for (co_await call.execute(agi::Answer());; ++rounds)
            co_await call.execute(agi::Exec("Dial", "PJSIP/1"));
    };
    Scenario scenario("survey");
    scenario.agisighup(false).dial("PJSIP/1", ApplicationOutcome(-1).after(1s));
    run_call(scenario.hang_up_after(10s), flow);
    EXPECT_EQ(rounds, 9);
}

TEST(RunCall, ServesTheHExtension) {
    bool dead = false;
    auto flow = [&](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await call.execute(agi::SetVariable("SEEN", "yes"));
        dead = call.hung_up();
    };
    EXPECT_EQ(run_call(Scenario("survey").dead(), flow).variable("SEEN"), "yes");
    EXPECT_TRUE(dead);
}

TEST(RunCall, StopsPromptsByDeadline) {
    auto flow = [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        try {
            co_await call.execute(agi::StreamFile("vm-options"), 1500ms);
        } catch (const agi::AGITimeout&) {
            co_return;
        }
    };
    const auto asterisk = run_call(survey_call(), flow);
    EXPECT_EQ(asterisk.texts(EventKind::dropped), std::vector<std::string>{"STREAM FILE"});
    EXPECT_EQ(asterisk.now(), 1500ms);
}

TEST(RunCall, WaitsForADialThatEndsWithTheCall) {
    auto flow = [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await call.execute(agi::Exec("Dial", "SIP/1"));
    };
    Scenario scenario;
    scenario.dial("SIP/1", "ANSWER", std::chrono::nanoseconds::max()).hang_up_after(1h);
    EXPECT_EQ(run_call(scenario, flow).now(), 1h);
}

TEST(RunCall, PassesOnWhatLeavesTheHandler) {
    EXPECT_THROW(run_call(Scenario("survey"), survey), agi::AGIAppError);  // has no sound files
    EXPECT_THROW(run_call(Scenario("other"), CallFlow("survey$", survey)), std::invalid_argument);
}

TEST(RunCall, NamesWhatTheHandlerWaitsFor) {
    auto flow = [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await call.execute(agi::WaitForDigit());
    };
    try {
        run_call(Scenario("x"), flow);
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(
            error.what(), "the handler does not end: it waits for the end of WAIT FOR DIGIT -1"
        );
    }
}

}  // namespace
}  // namespace costrix::testing
