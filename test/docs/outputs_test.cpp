// SPDX-License-Identifier: MIT
// docs/tutorial.md and samples/README.md show what the samples do, word for word.
#include <costrix/testing/run_call.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

// Of samples/*.cpp
asio::awaitable<void> customer(agi::AGI& call, const agi::Request& request);
asio::awaitable<void> find_me(agi::AGI& call, const agi::Request& request);
asio::awaitable<void> front_desk(agi::AGI& call, const agi::Request& request);
asio::awaitable<void> login(agi::AGI& call, const agi::Request& request);
asio::awaitable<void> menu(agi::AGI& call, const agi::Request& request);
asio::awaitable<void> support(agi::AGI& call, const agi::Request& request);
// Of samples/tutorial/step_1.cpp and step_2.cpp
asio::awaitable<void> inbox_1(agi::AGI& call, const agi::Request& request);
asio::awaitable<void> inbox_2(agi::AGI& call, const agi::Request& request);

namespace {

/// Without the position in a sound: a live call's keys come a frame earlier or later.
std::string without_position(const std::string& line) {
    return line.substr(0, line.find(" endpos="));
}

/// What a page shows below `command`, line by line, without the times.
std::vector<std::string> shown(const std::string& page, const std::string& command) {
    std::ifstream input(COSTRIX_SOURCE_DIR "/" + page);
    EXPECT_TRUE(input) << page;
    std::vector<std::string> lines;
    bool found = false;
    for (std::string line; std::getline(input, line);) {
        const auto time = line.find(" s  ");
        if (line == "    " + command)
            found = true;
        else if (found && line.starts_with("    ") && time != std::string::npos)
            lines.push_back(without_position(line.substr(time + 4)));
        else if (!lines.empty())
            break;
    }
    EXPECT_FALSE(lines.empty()) << page << " does not show the output of " << command;
    return lines;
}

/// What happens in the call, as `costrix call` prints it: the lines with `part` in them.
std::vector<std::string> happens(
    const costrix::testing::Scenario& scenario,
    const costrix::testing::CallFlow& flow,
    const std::string& part = ""
) {
    std::vector<std::string> lines;
    costrix::testing::run_call(scenario, flow, [&](const costrix::testing::Event& event) {
        const auto line = costrix::testing::describe(event);
        if (line.find(part) != std::string::npos)
            lines.push_back(without_position(line));
    });
    return lines;
}

/// A caller as that of `costrix call`, which hears 2 s for each sound.
costrix::testing::Scenario caller(std::string url) {
    costrix::testing::Scenario scenario("");
    scenario.url("agi://127.0.0.1/" + std::move(url)).any_sound(2s);
    return scenario;
}

constexpr const char* kTutorial = "docs/tutorial.md";
constexpr const char* kSamples = "samples/README.md";

TEST(Tutorial, SaysHello) {
    EXPECT_EQ(
        happens(caller("inbox"), inbox_1),
        shown(kTutorial, "costrix call agi://127.0.0.1/inbox --wire")
    );
}

TEST(Tutorial, AsksForDigits) {
    EXPECT_EQ(
        happens(caller("inbox").press_during("agent-user", "1001"), inbox_2),
        shown(kTutorial, "costrix call agi://127.0.0.1/inbox --answer 1001@agent-user")
    );
}

TEST(Samples, SupportDoesWhatItsPageShows) {
    auto scenario = caller("support/sales?pin=1234");
    scenario.press_during("agent-pass", "1234").application("Queue", "TIMEOUT", 3s);
    EXPECT_EQ(
        happens(scenario, {"support/(?<queue>\\w+)", support}, "script:"),
        shown(
            kSamples,
            "costrix call 'agi://127.0.0.1/support/sales?pin=1234' --answer 1234@agent-pass "
            "--app Queue=TIMEOUT,3s | grep script:"
        )
    );
}

TEST(Samples, IvrDoesWhatItsPageShows) {
    EXPECT_EQ(
        happens(caller("menu").press_during("vm-options", "2"), menu, "script:"),
        shown(kSamples, "costrix call agi://127.0.0.1/menu --answer 2@vm-options | grep script:")
    );
}

TEST(Samples, PleaseHoldDoesWhatItsPageShows) {
    EXPECT_EQ(
        happens(caller("customer").caller_number("5551234"), customer, "script:"),
        shown(kSamples, "costrix call agi://127.0.0.1/customer --caller 5551234 | grep script:")
    );
}

TEST(Samples, AskPinDoesWhatItsPageShows) {
    EXPECT_EQ(
        happens(caller("login").press_during("agent-pass", "1234"), login, "script:"),
        shown(
            kSamples, "costrix call agi://127.0.0.1/login --answer 1234@agent-pass | grep script:"
        )
    );
}

TEST(Samples, NestedMenuDoesWhatItsPageShows) {
    auto scenario = caller("desk");
    scenario.press_during("main-menu", "1").press_during("for-rooms", "203");
    EXPECT_EQ(
        happens(scenario, front_desk, "script:"),
        shown(
            kSamples,
            "costrix call agi://127.0.0.1/desk --answer 1@main-menu --answer 203@for-rooms "
            "| grep script:"
        )
    );
}

TEST(Samples, FindMeDoesWhatItsPageShows) {
    auto scenario = caller("find/alice");
    scenario.dial("PJSIP/desk-alice", "NOANSWER", 15s).dial("PJSIP/mobile-alice", "ANSWER", 20s);
    EXPECT_EQ(
        happens(scenario, {"find/(?<who>\\w+)$", find_me}, "EXEC"),
        shown(
            kSamples,
            "costrix call agi://127.0.0.1/find/alice --dial PJSIP/desk-alice=NOANSWER,15s "
            "--dial PJSIP/mobile-alice=ANSWER,20s | grep EXEC"
        )
    );
}

/// Each sample is in the index.
TEST(Samples, AreAllInTheIndex) {
    std::ifstream input(COSTRIX_SOURCE_DIR "/samples/README.md");
    const std::string index((std::istreambuf_iterator<char>(input)), {});
    const std::filesystem::path samples(COSTRIX_SOURCE_DIR "/samples");
    int found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(samples)) {
        std::ifstream source(entry.path());
        std::string licence, purpose;
        if (entry.path().extension() != ".cpp" || !std::getline(source, licence) ||
            !std::getline(source, purpose) || !purpose.starts_with("// Shows:"))
            continue;
        const auto name = std::filesystem::relative(entry.path(), samples).string();
        EXPECT_NE(index.find("](" + name + ")"), std::string::npos) << name;
        ++found;
    }
    EXPECT_GE(found, 17);
}

}  // namespace
