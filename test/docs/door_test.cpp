// SPDX-License-Identifier: MIT
// The tests of the service of docs/from-*.md.
#include <costrix/testing/run_call.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

asio::awaitable<void>
door(costrix::agi::AGI& call, const costrix::agi::Request& request);  // door.cpp

namespace {

using namespace std::chrono_literals;

TEST(Door, OpensForItsPin) {
    costrix::testing::Scenario caller("door");
    caller.args({"17"}).database("pin", "17", "1234").any_sound(1s);
    caller.press_during("agent-pass", "1111").press_during("agent-pass", "1234");
    EXPECT_EQ(costrix::testing::run_call(caller, door).variable("DOOR"), "open");
}

TEST(Door, StaysShutAfterThreeWrongPins) {
    costrix::testing::Scenario caller("door");
    caller.args({"17"}).database("pin", "17", "1234").any_sound(1s);
    caller.press_during("agent-pass", "1111");
    const auto asterisk = costrix::testing::run_call(caller, door);
    EXPECT_EQ(asterisk.variable("DOOR"), std::nullopt);
    EXPECT_EQ(asterisk.agistatus(), "SUCCESS");
}

TEST(Door, StaysShutForACallerWhoPressesNothing) {
    costrix::testing::Scenario caller("door");
    caller.args({"17"}).database("pin", "17", "1234").any_sound(1s);
    EXPECT_EQ(costrix::testing::run_call(caller, door).variable("DOOR"), std::nullopt);
}

}  // namespace
