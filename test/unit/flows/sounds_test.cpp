// SPDX-License-Identifier: MIT
// missing_sounds: many files in one round trip.
#include "unit/flows/flow_call.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace costrix::agi::test {
namespace {

using namespace std::chrono_literals;

Strings missing(const Scenario& scenario, const Strings& files, std::size_t* commands = nullptr) {
    Strings found;
    auto handler = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        found = co_await missing_sounds(call, files);
    };
    const auto asterisk = testing::run_call(scenario, handler);
    if (commands != nullptr)
        *commands = asterisk.texts(EventKind::command).size();
    return found;
}

TEST(MissingSounds, NamesWhatIsNotThere) {
    Scenario scenario("flow");
    scenario.sound("main-menu", 1s).sound("/var/sounds/own", 1s);
    EXPECT_EQ(
        missing(scenario, {"main-menu", "mian-menu", "/var/sounds/own", "/var/sounds/other"}),
        (Strings{"mian-menu", "/var/sounds/other"})
    );
    EXPECT_EQ(missing(scenario, {}), Strings{});
}

TEST(MissingSounds, AsksForManyAtOnce) {
    Strings files;
    for (int i = 0; i < 12; ++i)
        files.push_back("menu/part-" + std::to_string(i));
    std::size_t commands = 0;
    EXPECT_EQ(missing(caller(), files, &commands), Strings{});
    EXPECT_EQ(commands, 1U);
    for (int i = 12; i < 200; ++i)
        files.push_back("menu/part-" + std::to_string(i));
    EXPECT_EQ(missing(caller(), files, &commands), Strings{});
    EXPECT_LT(commands, 20U);
    EXPECT_EQ(missing(caller().version("16.28.0"), files, &commands), Strings{});
    EXPECT_LT(commands, 80U);
}

TEST(MissingSounds, LooksInSeveralLanguages) {
    auto scenario = caller();
    scenario.language("de_AT").without_sound("two");
    EXPECT_EQ(missing(scenario, {"one", "two"}), Strings{"two"});
}

TEST(MissingSounds, SaysWhatIsWrong) {
    auto scenario = caller();
    EXPECT_THROW(missing(scenario, {"${SHELL(reboot)}"}), std::invalid_argument);
    EXPECT_THROW(missing(scenario, {""}), std::invalid_argument);
    scenario.function("STAT", [](std::string_view) { return std::nullopt; });
    EXPECT_THROW(missing(scenario, {"one"}), AGIAppError);
}

}  // namespace
}  // namespace costrix::agi::test
