// SPDX-License-Identifier: MIT
// Simulated callers who speak and hear: talk() and open_audio() on virtual time.
#include "support/talks.hpp"
#include "testing/live_audio.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/run_call.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace costrix::testing {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using test::frames_until_loud;
using test::is_loud;
using test::talks;

constexpr nanoseconds kOneSample = 125us;

asio::awaitable<void> echo(agi::AudioLine& line) {
    while (const auto frame = co_await line.read())
        line.write(frame->samples);
}

/// Says it all, and ends.
auto say_all(Waveform sound, unsigned rate = 8000) {
    return [sound, rate](agi::AudioLine& line) -> asio::awaitable<void> {
        auto samples = sound.samples();
        co_await line.play(std::move(samples), rate);
    };
}

Scenario answered() {
    Scenario scenario("voice");
    scenario.answered();
    return scenario;
}

TEST(AudioCall, EchoesToTheSample) {
    const auto words = noise(1s);
    for (const auto& at : {nanoseconds(1s), 1s + kOneSample, 1s + 159 * kOneSample, 1007ms + 0ns}) {
        auto scenario = answered();
        scenario.speak(words, at).hang_up_after(4s);
        const auto asterisk = run_call(scenario, talks(echo));
        // A packet is sent when it is full, and its echo 10 ms later, when the next is due.
        EXPECT_EQ(asterisk.heard().find(words), at + 30ms) << at.count();
        EXPECT_EQ(asterisk.heard().heard_of(words).samples, 8000U);
        EXPECT_EQ(asterisk.heard().end_of_sound(), at + 1030ms);
        EXPECT_EQ(asterisk.texts(EventKind::audio_open).size(), 1U);
        EXPECT_EQ(
            asterisk.texts(EventKind::audio_over), std::vector<std::string>{"Asterisk ended it"}
        );
        EXPECT_TRUE(asterisk.hung_up());
    }
}

TEST(AudioCall, GoesOnWithCommandsAfterwards) {
    const auto words = noise(500ms);
    const auto asterisk = run_call(answered(), talks(say_all(words)));
    EXPECT_EQ(asterisk.heard().find(words), nanoseconds(10ms));
    EXPECT_EQ(asterisk.variable("AFTERWARDS"), "yes");
    const auto replies = asterisk.texts(EventKind::reply);
    ASSERT_GE(replies.size(), 3U);
    EXPECT_EQ(replies[1], "200 result=0");
    EXPECT_EQ(asterisk.agistatus(), "SUCCESS");
    EXPECT_EQ(asterisk.heard().find(noise(10ms, 7)), std::nullopt);
    EXPECT_EQ(asterisk.heard().between(9ms, 10ms).samples(), silence(1ms).samples());
    EXPECT_EQ(
        asterisk.heard().between(5ms, 20ms).samples(), (silence(5ms) + words.first(80)).samples()
    );
}

TEST(AudioCall, TakesSoundAtAnyRate) {
    const auto words = noise(400ms);
    const auto asterisk = run_call(answered(), talks(say_all(words, 16000)));
    EXPECT_EQ(asterisk.heard().find(words), std::nullopt) << "it is at another rate";
    EXPECT_EQ(asterisk.heard().find(words.samples(), 16000), nanoseconds(10ms));
    auto old = answered();
    old.version("20.16.0");
    EXPECT_THROW(run_call(old, talks(say_all(words, 16000))), agi::AGIUsageError);
}

TEST(AudioCall, DeliversWhatTheCallersPhoneSends) {
    std::vector<std::size_t> sizes;
    auto measure = [&sizes](agi::AudioLine& line) -> asio::awaitable<void> {
        while (const auto frame = co_await line.read())
            sizes.push_back(frame->samples.size());
    };
    auto slow = answered();
    run_call(slow.packets(30ms).hang_up_after(1s), talks(measure));
    EXPECT_EQ(sizes, std::vector<std::size_t>(33, 240));
    sizes.clear();
    auto mute = answered();
    mute.suppresses_silence().speak(tone(400, 100ms), 500ms).hang_up_after(3s);
    run_call(mute, talks(measure));
    EXPECT_EQ(sizes, std::vector<std::size_t>(5, 160));
}

TEST(AudioCall, PassesKeysWithoutTheirSound) {
    std::string keys;
    std::size_t frames = 0;
    auto handler = [&](agi::AudioLine& line) -> asio::awaitable<void> {
        while (const auto key = co_await line.next_key())
            keys += *key;
        while (const auto frame = co_await line.read())
            frames += frame->samples.size() / 160;
    };
    auto scenario = answered();
    scenario.press("42#", 500ms, 500ms).hang_up_after(3s);
    run_call(scenario, talks(handler));
    EXPECT_EQ(keys, "42#");
    EXPECT_EQ(frames, 149U - 3 * 5) << "a key is held for 0.1 s";
}

TEST(AudioCall, SpeaksOnceTheTalkHasBegun) {
    const auto words = noise(300ms);
    Scenario scenario("voice");
    scenario.answer_delay(700ms)
        .speak_during("AudioSocket", words, 100ms)
        .hang_up_during("AudioSocket", 2s);
    const auto asterisk = run_call(scenario, talks(echo));
    EXPECT_EQ(asterisk.heard().find(words), nanoseconds(830ms));
    EXPECT_EQ(asterisk.now(), 2700ms);
}

TEST(AudioCall, RefusesAChannelThatIsNotAnswered) {
    auto handler = [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await agi::talk(call, echo);
    };
    EXPECT_THROW(run_call(Scenario("voice"), handler), agi::AGIAppError);
}

TEST(AudioCall, EndsWithWhatTheHandlerThrows) {
    auto handler = [](agi::AudioLine& line) -> asio::awaitable<void> {
        co_await line.read();
        throw std::domain_error("no such word");
    };
    EXPECT_THROW(run_call(answered(), talks(handler)), std::domain_error);
}

/// Interrupts `count` answers at random samples, and compares what the line says was heard of each
/// with what the caller has heard; the number of those that were cut short.
std::uint32_t interrupt(std::uint32_t count, std::minstd_rand& random) {
    auto scenario = answered();
    nanoseconds at = 200ms;
    for (std::uint32_t i = 0; i < count; ++i) {
        at += 60ms + kOneSample * (random() % 2000);
        scenario.speak(tone(1000, 5ms), at);
    }
    scenario.hang_up_after(at + 1s);
    std::vector<std::int16_t> expected;
    std::uint32_t interrupted = 0;
    auto bot = [&](agi::AudioLine& line) -> asio::awaitable<void> {
        std::uint32_t answers = 0;
        while (!line.ended()) {
            const auto answer = noise(20ms + kOneSample * (random() % 3000), ++answers);
            const auto before = line.written();
            line.write(answer.samples());
            for (auto frame = co_await line.read(); frame && !is_loud(*frame);)
                frame = co_await line.read();
            interrupted += line.clear() > 0 ? 1 : 0;
            const auto said = answer.first(line.heard() - before).samples();
            expected.insert(expected.end(), said.begin(), said.end());
        }
    };
    const auto asterisk = run_call(scenario, talks(bot));
    std::vector<std::int16_t> heard;
    for (const auto& piece : asterisk.heard().pieces()) {
        const auto is_sound = [](std::int16_t sample) { return sample != 0; };  // all of noise() is
        const auto& samples = piece.samples;
        std::copy_if(samples.begin(), samples.end(), std::back_inserter(heard), is_sound);
    }
    EXPECT_EQ(heard.size(), expected.size());
    EXPECT_TRUE(heard == expected);
    return interrupted;
}

TEST(AudioCall, KnowsToTheSampleWhereItWasInterrupted) {
    constexpr std::uint32_t kCalls = 40, kInEach = 250;
    std::minstd_rand random(20);
    std::uint32_t interrupted = 0;
    for (std::uint32_t i = 0; i < kCalls; ++i)
        interrupted += interrupt(kInEach, random);
    EXPECT_GT(interrupted, kCalls * kInEach / 2);
}

// --- while commands run --------------------------------------------------------------------------

TEST(AudioCall, StopsAPromptWhenTheCallerSpeaks) {
    std::optional<int> frames;
    auto handler = [&](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        auto audio = co_await agi::open_audio(call);
        const auto prompt = agi::StreamFile("tt-monkeys");
        const auto heard = co_await call.execute_during(prompt, frames_until_loud(audio));
        frames = heard.value;
    };
    auto scenario = answered();
    scenario.speak_during("tt-monkeys", tone(1000, 500ms), 1s);
    const auto asterisk = run_call(scenario, handler);
    // ChanSpy's frames come at 122 ms, 142 ms, ...: the one at 1002 ms is the first with sound.
    EXPECT_EQ(frames, 1 + (1002 - 122) / 20);
    for (const auto& event : asterisk.events()) {
        if (event.kind() == EventKind::dropped) {
            EXPECT_EQ(event.time(), 1002ms);
        }
    }
    EXPECT_EQ(asterisk.texts(EventKind::dropped).size(), 1U);
    EXPECT_EQ(asterisk.agistatus(), "SUCCESS");
}

TEST(AudioCall, WhispersOverPromptsAndInBetween) {
    const auto one = noise(300ms, 1), other = noise(300ms, 2), last = noise(600ms, 3);
    auto handler = [&](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        const auto options = agi::AudioOptions().speak(true);
        auto audio = co_await agi::open_audio(call, options);
        co_await call.sleep_for(400ms);
        audio.line().write(one.samples());
        co_await call.execute(agi::StreamFile("hello-world"));
        audio.line().write(other.samples());
        co_await audio.line().drained();
        co_await call.sleep_for(600ms);
        audio.line().write(last.samples());
        // Behind its prompt GET DATA plays nothing, and so nobody hears a whisper.
        const auto silent = agi::GetData("beep").timeout(1s);
        co_await call.try_execute(silent);
    };
    const auto asterisk = run_call(answered(), handler);
    const auto& heard = asterisk.heard();
    EXPECT_EQ(heard.find(one), nanoseconds(410ms));
    EXPECT_EQ(heard.find(other), nanoseconds(1810ms));
    const auto match = heard.heard_of(last);
    EXPECT_EQ(match.at, nanoseconds(2650ms));
    // The beep lasts 440 ms. Asterisk has 60 ms in advance; the rest comes when it plays nothing.
    EXPECT_EQ(match.samples, 160U * (440 / 20 + 2));
}

TEST(AudioCall, ConnectsNoTapThatAsteriskWouldNot) {
    auto handler = [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        auto audio = co_await agi::open_audio(call);
        EXPECT_THROW(co_await agi::open_audio(call), agi::AGIAppError);
        co_await call.execute(agi::Exec("Dial", "PJSIP/100"));
        EXPECT_EQ(co_await frames_until_loud(audio), std::nullopt) << "it has ended before Dial";
    };
    auto scenario = answered();
    scenario.dial("PJSIP/100", "ANSWER", 10s).speak(tone(1000, 1s), 5s);
    const auto asterisk = run_call(scenario, handler);
    EXPECT_EQ(asterisk.texts(EventKind::audio_over).size(), 1U);
    auto without = answered();
    without.application("Originate", "CONGESTION");
    EXPECT_THROW(run_call(without, handler), agi::AGIAppError);
}

TEST(LiveAudio, MakesNoConnectionOnceItIsClosed) {
    asio::io_context context;
    asio::ip::tcp::acceptor server(context, {asio::ip::address_v4::loopback(), 0});
    server.non_blocking(true);
    const auto nothing = [] {};
    detail::LiveAudio audio(context.get_executor(), nothing, nothing);
    const detail::AudioAddress address{"127.0.0.1", server.local_endpoint().port(), {}};
    audio.serve({std::make_shared<detail::AudioLeg>(
        std::make_shared<detail::CallerAudio>(), address, detail::AudioLeg::Kind::talk, 8000
    )});
    audio.close();
    context.run();
    error_code error;
    server.accept(error);
    EXPECT_EQ(error, asio::error::would_block);
}

}  // namespace
}  // namespace costrix::testing
