// SPDX-License-Identifier: MIT
// How many whole conversations with a flow the kit plays in a second.
#include "unit/flows/flow_call.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <iostream>

namespace costrix::agi::test {
namespace {

using namespace std::chrono_literals;

/// A silent try, a wrong PIN, the right one: 14 commands, and 20 s of the caller's time.
asio::awaitable<void> ask_for_pin(AGI& call, const Request&) {
    Ask pin({"please-enter", "your-pin"});
    pin.digits(4).on_silence("still-there").on_invalid("wrong");
    pin.accept([](std::string_view digits) { return digits == "1234"; });
    const Asked given = co_await pin.run(call);
    EXPECT_EQ(given.digits, "1234");
}

/// Of processor time: what else runs on the machine does not count.
TEST(FlowSpeed, PlaysAThousandConversationsASecond) {
    Scenario scenario("flow");
    scenario.answered().any_sound(2s).without_events();
    scenario.press_during("your-pin", "").press_during("your-pin", "9999");
    scenario.press_during("your-pin", "1234");
    constexpr int kCalls = 1000;
    const auto begin = std::clock();
    for (int i = 0; i < kCalls; ++i)
        testing::run_call(scenario, ask_for_pin);
    const auto took = std::clock() - begin;
    const auto rate = kCalls * double{CLOCKS_PER_SEC} / static_cast<double>(took);
    std::cout << static_cast<int>(rate) << " conversations a second\n";
#ifdef COSTRIX_SANITIZED
    EXPECT_GT(rate, 50);
#else
    EXPECT_GT(rate, 1000);
#endif
}

}  // namespace
}  // namespace costrix::agi::test
