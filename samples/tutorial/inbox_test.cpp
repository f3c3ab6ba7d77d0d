// SPDX-License-Identifier: MIT
// Tutorial, step 4: the tests.
#include "inbox.hpp"

#include <costrix/testing/run_call.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

using costrix::testing::run_call;
using costrix::testing::Scenario;
using namespace std::chrono_literals;

namespace {

asio::awaitable<std::optional<int>> count_messages(std::string agent) {
    if (agent == "1001")
        co_return 3;
    co_return std::nullopt;
}

asio::awaitable<std::optional<int>> no_database(std::string) {
    throw std::runtime_error("no database");
    co_return std::nullopt;
}

TEST(Inbox, CountsTheMessagesOfAnAgent) {
    Scenario caller("inbox");
    caller.any_sound(2s).press_during("agent-user", "1001");
    const auto asterisk = run_call(caller, inbox(count_messages));
    EXPECT_EQ(asterisk.variable("AGENT"), "1001");
}

TEST(Inbox, AsksAgainAfterAWrongNumber) {
    Scenario caller("inbox");
    caller.any_sound(2s).press_during("agent-user", "9999").press_during("agent-user", "1001");
    const auto asterisk = run_call(caller, inbox(count_messages));
    EXPECT_EQ(asterisk.variable("AGENT"), "1001");
}

TEST(Inbox, GivesUpOnASilentCaller) {
    Scenario caller("inbox");
    caller.any_sound(2s);
    const auto asterisk = run_call(caller, inbox(count_messages));
    EXPECT_EQ(asterisk.variable("AGENT"), std::nullopt);
}

TEST(Inbox, FailsWithoutTheDatabase) {
    Scenario caller("inbox");
    caller.any_sound(2s).press_during("agent-user", "1001");
    EXPECT_THROW(run_call(caller, inbox(no_database)), std::runtime_error);
}

}  // namespace
