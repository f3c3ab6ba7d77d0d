// SPDX-License-Identifier: MIT
// The phone's picture of a call, and the caller who dials by himself.
#include "tool/call/dialer.hpp"
#include "tool/call/key_commands.hpp"
#include "tool/call/phone_screen.hpp"
#include "tool/call/phone_state.hpp"
#include "tool/formatting.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace costrix::tool {
namespace {

using namespace std::chrono_literals;
using testing::Event;
using testing::EventKind;
using testing::FakeAsterisk;
using testing::Scenario;

TEST(Listening, KnowsWhichCommandsTakeKeys) {
    for (const char* line :
         {"GET DATA beep",
          "WAIT FOR DIGIT 5000",
          "STREAM FILE welcome \"12\"",
          "get option x 12",
          "SAY DIGITS 12 \"#\"",
          "EXEC Read \"x,beep\"",
          "RECORD FILE x wav \"#\" 1000"})
        EXPECT_TRUE(listens(line)) << line;
    for (const char* line :
         {"ANSWER",
          "STREAM FILE welcome \"\"",
          "SAY DIGITS 12 \"\"",
          "EXEC Playback \"x\"",
          "GET DATABASE",
          ""})
        EXPECT_FALSE(listens(line)) << line;
}

TEST(Listening, SaysWhatIsWaitedFor) {
    EXPECT_EQ(describe_wait("GET DATA beep 3000 1"), "wants up to 1 key; waits 3.00 s");
    EXPECT_EQ(describe_wait("GET DATA beep"), "wants keys, # ends them; waits 6 s");
    EXPECT_EQ(describe_wait("WAIT FOR DIGIT -1"), "wants a key; waits for ever");
    EXPECT_EQ(describe_wait("STREAM FILE x \"12\""), "takes one of the keys 12");
    EXPECT_EQ(describe_wait("NOOP"), "");
}

TEST(Dialer, ThinksThenPressesAtAPace) {
    FakeAsterisk asterisk(Scenario("x").any_sound(10s));
    Dialer dialer("12", 500ms);
    asterisk.observe([&](const Event& event) { dialer.observe(event); });
    EXPECT_FALSE(dialer.due());
    asterisk.receive("GET DATA \"beep\" 5000 2\n");
    ASSERT_EQ(dialer.due(), 500ms);
    dialer.press_due(asterisk, 499ms);
    EXPECT_EQ(dialer.left(), "12");
    asterisk.advance(500ms);
    dialer.press_due(asterisk, 500ms);
    EXPECT_EQ(dialer.left(), "2");
    ASSERT_EQ(dialer.due(), 750ms);
    asterisk.advance(250ms);
    dialer.press_due(asterisk, 750ms);
    asterisk.advance(100ms);
    EXPECT_EQ(asterisk.texts(EventKind::reply), std::vector<std::string>{"200 result=12"});
    EXPECT_FALSE(dialer.due());
}

TEST(Dialer, PressesAtTheTimeThatIsDueWhenItIsAskedLate) {
    FakeAsterisk asterisk(Scenario("x").any_sound(10s));
    Dialer dialer("12", 2s);
    asterisk.observe([&](const Event& event) { dialer.observe(event); });
    asterisk.receive("GET DATA \"beep\" 5000 2\n");
    dialer.press_due(asterisk, 2260ms);
    asterisk.advance(1s);
    std::vector<std::chrono::nanoseconds> released;
    for (const auto& event : asterisk.events()) {
        if (event.kind() == EventKind::key)
            released.push_back(event.time());
    }
    EXPECT_EQ(released, (std::vector<std::chrono::nanoseconds>{2100ms, 2350ms}));
}

TEST(Dialer, KeepsItsKeysForWhatListens) {
    FakeAsterisk asterisk(Scenario("x").any_sound(1s));
    Dialer dialer("12", 500ms);
    asterisk.observe([&](const Event& event) { dialer.observe(event); });
    asterisk.receive("STREAM FILE \"welcome\" \"\"\n");
    EXPECT_FALSE(dialer.due());
    asterisk.advance(1s);
    asterisk.receive("STREAM FILE \"menu\" \"1\"\n");
    asterisk.advance(500ms);
    dialer.press_due(asterisk, asterisk.now());
    asterisk.advance(100ms);
    EXPECT_EQ(asterisk.texts(EventKind::reply).back(), "200 result=49 endpos=4960");
    EXPECT_FALSE(dialer.due());  // the prompt is over, and with it the caller's haste
    EXPECT_EQ(dialer.left(), "2");
}

/// A phone in the middle of a call.
class PhoneScreen : public ::testing::Test {
protected:
    void see(std::chrono::nanoseconds time, EventKind kind, std::string text, auto... length) {
        state_.observe(Event(time, kind, std::move(text), length...));
    }
    /// The screen as it is read, without its colours.
    std::vector<std::string> drawn(const PhoneView& view, ScreenSize size) const {
        static const std::regex colours("\x1b\\[[0-9;]*m");
        std::vector<std::string> lines;
        for (const auto& line : draw_phone(view, size))
            lines.push_back(std::regex_replace(line, colours, ""));
        return lines;
    }
    std::string joined(const PhoneView& view, ScreenSize size = {80, 24}) const {
        std::string all;
        for (const auto& line : drawn(view, size))
            all += line + "\n";
        return all;
    }

    PhoneState state_;
    std::map<std::string, std::string> variables_{{"PIN_OK", "1"}};
};

TEST_F(PhoneScreen, FillsAnySizeExactly) {
    see(0s, EventKind::command, "GET DATA \"a-prompt-with-a-long-name\" 3000 1");
    see(0s, EventKind::played, "a-prompt-with-a-long-name", 2s);
    for (int i = 0; i < 50; ++i)
        see(1s, EventKind::key, "5");
    PhoneView view{.state = state_, .variables = variables_};
    view.url = "agi://host/a/very/long/path/that/does/not/fit/into/any/of/these/screens/at/all";
    view.now = 1s;
    for (const std::size_t rows : {2U, 5U, 12U, 18U, 24U, 60U}) {
        for (const std::size_t columns : {20U, 40U, 80U, 200U}) {
            const auto lines = drawn(view, {columns, rows});
            EXPECT_EQ(lines.size(), rows) << columns;
            for (const auto& line : lines)
                EXPECT_LE(width(line), columns) << rows << ": " << line;
        }
    }
}

TEST_F(PhoneScreen, ShowsHowFarASoundHasCome) {
    see(1s, EventKind::played, "welcome", 4s);
    PhoneView view{.state = state_, .variables = variables_};
    view.now = 3s;
    EXPECT_NE(joined(view).find("♪ welcome"), std::string::npos);
    EXPECT_NE(joined(view).find("███░░░"), std::string::npos);
    EXPECT_NE(joined(view).find("2.0 of 4.0 s"), std::string::npos);
    view.now = 5s;
    EXPECT_EQ(joined(view).find("♪"), std::string::npos);
}

TEST_F(PhoneScreen, LightsTheKeyThatIsPressed) {
    see(1s, EventKind::key, "5");
    PhoneView view{.state = state_, .variables = variables_};
    const auto lit = [&] {
        for (const auto& line : draw_phone(view, {80, 24})) {
            if (line.find("\x1b[30;43m 5 ") != std::string::npos)
                return true;
        }
        return false;
    };
    view.now = 1100ms;
    EXPECT_TRUE(lit());
    view.now = 1300ms;
    EXPECT_FALSE(lit());
}

TEST_F(PhoneScreen, HidesNothingThatAScriptSendsToUpsetIt) {
    see(0s, EventKind::log, "\x1b[2Jgone");
    see(0s, EventKind::played, "\x1b[2Jgone", 1s);
    variables_["\x1b[2J"] = "\n";
    PhoneView view{.state = state_, .variables = variables_};
    EXPECT_NE(joined(view).find("console: \\x1b[2Jgone"), std::string::npos);
    EXPECT_NE(joined(view).find("♪ \\x1b[2Jgone"), std::string::npos);
    view.panel = PhonePanel::variables;
    EXPECT_NE(joined(view).find("\\x1b[2J = \\x0a"), std::string::npos);
}

TEST_F(PhoneScreen, SaysSinceWhenTheScriptIsAtWork) {
    see(0s, EventKind::command, "ANSWER");
    see(1s, EventKind::reply, "200 result=0");
    PhoneView view{.state = state_, .variables = variables_};
    view.now = 3500ms;
    EXPECT_NE(joined(view).find("the script is at work, for 2.5 s"), std::string::npos);
}

}  // namespace
}  // namespace costrix::tool
