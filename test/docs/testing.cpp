// SPDX-License-Identifier: MIT
// The code of docs/testing.md and the README's test; what does not need files of others is run.
#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/place_call.hpp>

#include <gtest/gtest.h>

#include <cstdint>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

// samples/ivr.cpp, samples/support.cpp
asio::awaitable<void> menu(agi::AGI& call, const agi::Request&);
asio::awaitable<void> support(agi::AGI& call, const agi::Request& request);

asio::awaitable<void> repeat(agi::AudioLine& line) {
    while (const auto frame = co_await line.read())
        line.write(frame->samples);
}

asio::awaitable<void> echo(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    co_await agi::talk(call, repeat);
}

// clang-format off
#include <costrix/testing/conversation.hpp>
using costrix::testing::Conversation;

TEST(Support, PutsTheCallerThrough) {
    Conversation call("support/sales?pin=1234");
    call.expect("ANSWER").reply("200 result=0");
    call.expect(agi::GetData("agent-pass").timeout(5s).max_digits(4)).caller_waits(4s);
    call.reply("200 result=1234");
    call.expect<agi::Exec>().caller_waits(60s).reply("200 result=-1").caller_hangs_up();
    EXPECT_TRUE(call.run({"support/(?<queue>\\w+)", support}).hung_up);
}

TEST(Readme, ShowsATestThatPasses) {
    costrix::testing::Conversation call("support/sales?pin=1234");
    call.expect("ANSWER").reply("200 result=0");
    call.expect("GET DATA agent-pass 5000 4").caller_waits(4s).reply("200 result=1234");
    call.expect("EXEC Queue sales").caller_waits(60s).reply("200 result=-1").caller_hangs_up();
    call.run({"support/(?<queue>\\w+)", support});  // a minute's call takes milliseconds
}

void record_calls() {
    agi::RecordingOptions record;
    record.directory = "/var/lib/my_service/calls";
    record.paths = "support/";  // a pattern, as for a handler; all calls if unset
    record.fraction = 0.01;     // one in a hundred of these calls
    agi::FastAGIServer server({.record = record});
}

#include <costrix/testing/run_call.hpp>

TEST(Menu, TakesAChoice) {
    costrix::testing::Scenario scenario("menu");
    scenario.any_sound(2s).press_during("vm-options", "1", 3s).hang_up_after(1min);
    const auto asterisk = costrix::testing::run_call(scenario, menu);
    EXPECT_EQ(asterisk.variable("DEPARTMENT"), "1");
}

TEST(Echo, RepeatsTheCallersWords) {
    const auto words = costrix::testing::noise(800ms);
    costrix::testing::Scenario scenario("echo");
    scenario.speak_during("AudioSocket", words, 1s).hang_up_during("AudioSocket", 3s);
    const auto asterisk = costrix::testing::run_call(scenario, echo);
    EXPECT_EQ(asterisk.heard().find(words), 1530ms);
}

TEST(Echo, RepeatsTheCallersWordsInAConversation) {
    const auto words = costrix::testing::noise(800ms);
    Conversation call("echo");
    call.expect("ANSWER").reply("200 result=0");
    call.expect_talk().caller_waits(1s).caller_says(words).caller_waits(2s);
    call.reply("200 result=-1").caller_hangs_up();
    EXPECT_EQ(call.run(echo).heard.find(words), 1030ms);
}

asio::awaitable<void> repeat_line(agi::AudioLine& line, const agi::Uuid&) {
    while (const auto frame = co_await line.read())
        line.write(frame->samples);
}

#include <costrix/testing/audio_call.hpp>

TEST(Line, RepeatsTheCallersWords) {
    const auto words = costrix::testing::noise(800ms);
    costrix::testing::Scenario scenario;
    scenario.speak_during("AudioSocket", words, 500ms).hang_up_after(3s);
    const auto asterisk = costrix::testing::run_audio_call(scenario, repeat_line);
    EXPECT_EQ(asterisk.heard().find(words), 530ms);
}

asio::awaitable<void>
live_calls(asio::io_context& io, costrix::testing::Scenario scenario, std::uint16_t port) {
    const auto asterisk = co_await costrix::testing::place_call(scenario, port);
    const auto other = co_await costrix::testing::place_call(scenario, {"pbx.example", 4573});
    auto future = asio::co_spawn(io, costrix::testing::place_call(scenario, port), asio::use_future);
}

// There is no recording of yesterday: compiled, not run.
#undef TEST
#define TEST(suite, name) void suite##name()
#include <costrix/testing/replay.hpp>

TEST(Support, GoesAsItWentYesterday) {
    costrix::testing::replay("calls/yesterday.agi", {"support/(?<queue>\\w+)", support});
}
