// SPDX-License-Identifier: MIT
// The tests of the service of docs/from-*.md, and that the pages show what is tested here.
#include <costrix/testing/run_call.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

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

std::string contents(const std::filesystem::path& file) {
    std::ifstream input(file);
    EXPECT_TRUE(input) << file;
    std::ostringstream text;
    text << input.rdbuf();
    return text.str();
}

TEST(FromOtherLibraries, ShowsWhatIsTested) {
    const std::filesystem::path top = COSTRIX_SOURCE_DIR;
    const auto tested =
        contents(top / "test/docs/door.cpp") + contents(top / "test/docs/door_test.cpp");
    int pages = 0, blocks = 0;
    for (const auto& entry : std::filesystem::directory_iterator(top / "docs")) {
        if (!entry.path().filename().string().starts_with("from-"))
            continue;
        ++pages;
        const auto page = contents(entry.path());
        const std::string fence = "```cpp\n";
        for (auto at = page.find(fence); at != std::string::npos; at = page.find(fence, at + 1)) {
            const auto begin = at + fence.size();
            const auto code = page.substr(begin, page.find("```", begin) - begin);
            EXPECT_NE(tested.find(code), std::string::npos) << entry.path() << " shows\n" << code;
            ++blocks;
        }
    }
    EXPECT_GE(pages, 4);
    EXPECT_GE(blocks, pages);
}

}  // namespace
