// SPDX-License-Identifier: MIT
// Callers of an AudioServer's handlers on virtual time, and Dial(AudioSocket/…).
#include "testing/asterisk/audio_leg.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/audio_call.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace costrix::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

const std::string kUuid = "40325ec2-5efd-4bd3-805f-53576e581d13";

asio::awaitable<void> say_back_to(agi::AudioLine& line, const agi::Uuid&) {
    while (const auto frame = co_await line.read())
        line.write(frame->samples, frame->sample_rate);
}

TEST(AudioServerCall, IsHeardToTheSample) {
    const auto words = noise(800ms);
    Scenario scenario;
    scenario.speak_during("AudioSocket", words, 500ms).hang_up_after(3s);
    const auto asterisk = run_audio_call(scenario, say_back_to);
    EXPECT_EQ(asterisk.heard().find(words), nanoseconds(530ms));
    EXPECT_TRUE(asterisk.hung_up());
    EXPECT_EQ(asterisk.now(), 3s);
}

TEST(AudioServerCall, HasTheUuidAndTheRateOfTheDialplan) {
    std::string uuid;
    std::vector<std::size_t> sizes;
    auto look = [&](agi::AudioLine& line, const agi::Uuid& id) -> asio::awaitable<void> {
        uuid = id.to_string();
        while (const auto frame = co_await line.read()) {
            EXPECT_EQ(frame->sample_rate, 16000U);
            sizes.push_back(frame->samples.size());
        }
    };
    Scenario scenario;
    scenario.hang_up_after(1s);
    const auto options = AudioCallOptions().uuid(*agi::Uuid::parse(kUuid)).format("slin16");
    const auto asterisk = run_audio_call(scenario, look, options);
    EXPECT_EQ(uuid, kUuid);
    EXPECT_EQ(sizes, std::vector<std::size_t>(49, 320));
    EXPECT_EQ(asterisk.variable("DIALSTATUS"), "ANSWER");
    EXPECT_THROW(
        run_audio_call(scenario, look, AudioCallOptions().format("opus")), std::invalid_argument
    );
}

TEST(AudioServerCall, PassesKeysAndEndsWithItsHandler) {
    std::string keys;
    auto menu = [&keys](agi::AudioLine& line, const agi::Uuid&) -> asio::awaitable<void> {
        for (int i = 0; i < 2; ++i) {
            const auto key = co_await line.next_key();
            keys += key.value_or('?');
        }
    };
    Scenario scenario;
    scenario.press_during("AudioSocket", "42", 1s, 500ms);
    const auto asterisk = run_audio_call(scenario, menu);
    EXPECT_EQ(keys, "42");
    EXPECT_EQ(asterisk.now(), 1600ms);
    EXPECT_FALSE(asterisk.hung_up());
    EXPECT_EQ(
        asterisk.texts(EventKind::audio_over), std::vector<std::string>{"the script ended it"}
    );
}

TEST(AudioServerCall, RethrowsWhatTheHandlerThrowsAndNoticesOneThatDoesNotEnd) {
    auto fails = [](agi::AudioLine& line, const agi::Uuid&) -> asio::awaitable<void> {
        co_await line.read();
        throw std::domain_error("no such word");
    };
    EXPECT_THROW(run_audio_call(Scenario(), fails), std::domain_error);
    auto waits = [](agi::AudioLine&, const agi::Uuid&) -> asio::awaitable<void> {
        asio::steady_timer never(co_await asio::this_coro::executor);
        never.expires_at(std::chrono::steady_clock::time_point::max());
        co_await never.async_wait(asio::use_awaitable);
    };
    Scenario scenario;
    scenario.hang_up_after(1s);
    EXPECT_THROW(
        run_audio_call(scenario, waits, AudioCallOptions().patience(50ms)), std::runtime_error
    );
}

/// Asterisk after it was told to dial, and its connection.
struct Dialled {
    FakeAsterisk asterisk;
    std::shared_ptr<detail::AudioLeg> leg;
};

Dialled dial(const std::string& rest) {
    Scenario scenario("x");
    Dialled dialled{FakeAsterisk(scenario), nullptr};
    static_cast<void>(dialled.asterisk.take_output());
    const auto where = "AudioSocket/127.0.0.1:9092/" + kUuid + "/c(slin)" + rest;
    dialled.asterisk.receive("EXEC \"Dial\" \"" + where + "\"\n");
    dialled.leg = dialled.asterisk.take_audio_connections().at(0);
    return dialled;
}

TEST(DialAudioSocket, AnswersTheCallAndEndsWithTheServer) {
    for (const bool goes_on : {true, false}) {
        auto [asterisk, leg] = dial(goes_on ? ",10,g" : "");
        EXPECT_FALSE(asterisk.answered());
        leg->connected();
        EXPECT_TRUE(asterisk.answered());
        EXPECT_EQ(asterisk.variable("DIALSTATUS"), "ANSWER");
        asterisk.advance(5s);
        EXPECT_TRUE(leg->alive()) << "it has no limit of 2 s";
        std::string bytes;
        agi::append_end(bytes);
        leg->receive(bytes);
        EXPECT_EQ(asterisk.take_output(), goes_on ? "200 result=0\n" : "200 result=-1\n");
    }
}

TEST(DialAudioSocket, IsRefusedWhereNobodyListens) {
    auto [asterisk, leg] = dial(",10,g");
    leg->refused();
    EXPECT_EQ(asterisk.take_output(), "200 result=0\n");
    EXPECT_EQ(asterisk.variable("DIALSTATUS"), "CHANUNAVAIL");
}

}  // namespace
}  // namespace costrix::testing
