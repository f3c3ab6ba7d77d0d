// SPDX-License-Identifier: MIT
// Conversations with talk() and open_audio(): what the caller says, and what they hear.
#include "support/talks.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/conversation.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <string>

namespace costrix::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

asio::awaitable<void> talk_back(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    co_await agi::talk(call, test::echo);
}

TEST(ConversationAudio, HearsWhatTheHandlerSays) {
    const auto words = noise(400ms);
    Conversation call("echo");
    call.expect("ANSWER").reply("200 result=0");
    call.expect_talk().caller_waits(500ms).caller_says(words).caller_waits(2s);
    call.reply("200 result=-1").caller_hangs_up();
    const auto end = call.run(talk_back);
    EXPECT_TRUE(end.hung_up);
    EXPECT_EQ(end.took, 2500ms);
    EXPECT_EQ(end.heard.find(words), nanoseconds(530ms));
}

TEST(ConversationAudio, PassesKeysToATalkAndWaitsForItsEnd) {
    auto until_pound = [](agi::AudioLine& line) -> asio::awaitable<std::string> {
        std::string keys;
        while (!keys.ends_with('#')) {
            const auto key = co_await line.next_key();
            if (!key)
                break;
            keys += *key;
        }
        co_return keys;
    };
    std::string keys;
    auto handler = [&](agi::AGI& agi, const agi::Request&) -> asio::awaitable<void> {
        keys = co_await agi::talk(agi, until_pound);
        co_await agi.execute(agi::Noop(keys));
    };
    Conversation call;
    call.expect_talk().caller_waits(1s).caller_presses("4").caller_waits(1s).caller_presses("2#");
    call.expect_end_of_talk().expect("NOOP 42#").reply("200 result=0");
    call.run(handler);
    EXPECT_EQ(keys, "42#");
}

TEST(ConversationAudio, StopsAPromptByVoice) {
    auto loud = [](agi::AudioStream& audio) -> asio::awaitable<bool> {
        while (const auto frame = co_await audio.read()) {
            for (const auto sample : frame->samples) {
                if (std::abs(sample) > 1000)
                    co_return true;
            }
        }
        co_return false;
    };
    auto handler = [&](agi::AGI& agi, const agi::Request&) -> asio::awaitable<void> {
        auto audio = co_await agi::open_audio(agi);
        const auto menu = agi::StreamFile("menu");
        const auto heard = co_await agi.execute_during(menu, loud(audio));
        EXPECT_TRUE(heard.value);
    };
    Conversation call;
    call.expect_open_audio().expect("STREAM FILE menu \"\"").caller_waits(1s);
    call.caller_says(tone(1000, 200ms)).expect_interruption();
    const auto end = call.run(handler);
    EXPECT_EQ(end.took, 1002ms) << "ChanSpy sends its frames at 122 ms, 142 ms, ...";
}

TEST(ConversationAudio, SaysWhatWasExpectedOfATalk) {
    auto at_once = [](agi::AudioLine&) -> asio::awaitable<void> { co_return; };
    auto handler = [&](agi::AGI& agi, const agi::Request&) -> asio::awaitable<void> {
        co_await agi::talk(agi, at_once);
    };
    Conversation without;
    without.expect("NOOP").reply("200 result=0");
    EXPECT_THROW(without.run(handler), Mismatch);
    Conversation call;
    EXPECT_THROW(call.expect_end_of_talk(), std::logic_error);
    call.expect_talk().expect_end_of_talk();
    EXPECT_FALSE(call.run(handler).hung_up);
}

}  // namespace
}  // namespace costrix::testing
