// SPDX-License-Identifier: MIT
// Two-way audio with SIP callers, who send G.711 over RTP: packets of 20 and 30 ms, silence
// suppression, keys, and the hangup.
#include "asterisk/sip_audio_fixture.hpp"

#include <costrix/asio.hpp>

#include <string>
#include <thread>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using test::hear_loud;
using test::HeardFrames;
using test::loud_time;
using test::RtpStream;
using test::tone_of;
using AsteriskSipAudio = test::SipAudioTest;

class AsteriskSipPackets : public test::SipAudioTest, public ::testing::WithParamInterface<int> {
protected:
    std::chrono::milliseconds packet() const { return std::chrono::milliseconds(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(Milliseconds, AsteriskSipPackets, ::testing::Values(10, 20, 30));

TEST_P(AsteriskSipPackets, SetTheSizeOfATalksFrames) {
    RtpStream phone(packet());
    phone.say(tone_of(20s));
    HeardFrames heard;
    auto handler = [&](AudioLine& line) -> asio::awaitable<void> {
        line.write(tone_of(1000ms, 700));
        heard = co_await hear_loud(line, 50);
        EXPECT_TRUE(co_await line.drained());
    };
    serve_flow([&](AGI& call) { return talk(call, handler); });
    call(phone);
    expect_over();
    EXPECT_EQ(heard.loud, 50);
    EXPECT_EQ(heard.sizes, std::set{static_cast<std::size_t>(GetParam()) * 8});
    const auto far = loud_time(phone.take_received());
    EXPECT_GE(far, 900ms) << "of 1 s that the far end was to hear";
    EXPECT_LE(far, 1060ms);
}

TEST_P(AsteriskSipPackets, DoNotSetTheSizeOfATapsFrames) {
    RtpStream phone(packet());
    phone.say(tone_of(20s));
    HeardFrames heard;
    serve_flow([&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call);
        const auto prompt = StreamFile("tt-monkeys");
        const auto during = co_await call.execute_during(prompt, hear_loud(audio, 50));
        EXPECT_FALSE(during.played) << "the caller has interrupted it";
        heard = during.value;
    });
    call(phone);
    expect_over();
    EXPECT_EQ(heard.loud, 50);
    EXPECT_EQ(heard.sizes, std::set<std::size_t>{160});
}

TEST_P(AsteriskSipPackets, DoNotMatterToWhatATapSays) {
    RtpStream phone(packet());
    serve_flow([&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call, AudioOptions().speak(true));
        audio.line().write(tone_of(1000ms, 700));
        EXPECT_TRUE(co_await audio.line().drained());
        co_await call.sleep_for(200ms);
    });
    call(phone);
    expect_over();
    const auto far = loud_time(phone.take_received());
    EXPECT_GE(far, 700ms) << "of 1 s that the far end was to hear";
    EXPECT_LE(far, 1060ms);
}

TEST_F(AsteriskSipAudio, TalksToAPhoneThatSuppressesSilence) {
    RtpStream phone(20ms, RtpStream::Silence::suppressed);
    HeardFrames silence, speech;
    auto handler = [&](AudioLine& line) -> asio::awaitable<void> {
        asio::steady_timer timer(co_await asio::this_coro::executor, 3s);
        auto wait = [](asio::steady_timer& until) { return until.async_wait(asio::use_awaitable); };
        auto count = [](AudioLine& its_line, HeardFrames& frames) -> asio::awaitable<void> {
            while (const auto frame = co_await its_line.read())
                ++frames.all;
        };
        line.write(tone_of(1000ms, 700));
        co_await race(count(line, silence), wait(timer));
        EXPECT_FALSE(line.ended()) << "Asterisk's limit of 2 s counts both directions";
        phone.say(tone_of(1000ms));
        speech = co_await hear_loud(line, 45);
    };
    serve_flow([&](AGI& call) { return talk(call, handler); });
    call(phone);
    expect_over();
    EXPECT_EQ(silence.all, 0);
    EXPECT_EQ(speech.loud, 45);
    EXPECT_GE(loud_time(phone.take_received()), 900ms);
}

TEST_F(AsteriskSipAudio, TapsAPhoneThatSuppressesSilence) {
    RtpStream phone(20ms, RtpStream::Silence::suppressed);
    HeardFrames silence, speech;
    serve_flow([&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call);
        auto count = [](AudioStream& stream, HeardFrames& frames) -> asio::awaitable<void> {
            while (const auto frame = co_await stream.read())
                ++frames.all;
        };
        co_await race(count(audio, silence), call.sleep_for(3s));
        phone.say(tone_of(1000ms));
        speech = co_await hear_loud(audio, 45);
    });
    call(phone);
    expect_over();
    EXPECT_EQ(silence.all, 0);
    EXPECT_EQ(speech.loud, 45);
}

/// Asterisk looks at a tap's end only when something is sent or played on the channel.
TEST_F(AsteriskSipAudio, EndsATapOnASilentPhoneWithTheNextPrompt) {
    RtpStream phone(20ms, RtpStream::Silence::suppressed);
    std::string channels;
    serve_flow([&](AGI& call) -> asio::awaitable<void> {
        {
            const auto audio = co_await open_audio(call);
            co_await call.sleep_for(500ms);
        }
        co_await call.execute(StreamFile("beep"));
        channels = asterisk_.command("core show channels concise");
    });
    call(phone);
    expect_over();
    EXPECT_NE(channels.find("PJSIP/"), std::string::npos) << channels;
    EXPECT_EQ(channels.find("!ChanSpy!"), std::string::npos) << channels;
}

/// RFC 4733: no audio comes from the press to the release.
TEST_F(AsteriskSipAudio, GivesATalkTheKeys) {
    RtpStream phone;
    phone.say(tone_of(20s));
    std::string keys;
    int frames = 0;
    auto take = [&](AudioLine& line) -> asio::awaitable<void> {
        while (const auto key = co_await line.next_key()) {
            keys += *key;
            if (key == '#')
                break;
        }
    };
    auto count = [&](AudioLine& line) -> asio::awaitable<void> {
        while (const auto frame = co_await line.read())
            ++frames;
    };
    auto handler = [&](AudioLine& line) -> asio::awaitable<void> {
        for (const char key : std::string("0*9#"))
            phone.press(key);
        co_await race(take(line), count(line));
    };
    serve_flow([&](AGI& call) { return talk(call, handler); });
    call(phone);
    expect_over();
    EXPECT_EQ(keys, "0*9#");
    EXPECT_LE(frames, 10) << "four keys took 0.88 s";
}

TEST_F(AsteriskSipAudio, LeavesTheKeysToTheCommandsBesideATap) {
    RtpStream phone;
    phone.say(tone_of(20s));
    std::string digits;
    HeardFrames heard;
    serve_flow([&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call);
        phone.press('4');
        phone.press('2');
        const auto result = co_await call.execute(GetData("silence/1").max_digits(2));
        digits = result.digits;
        heard = co_await hear_loud(audio, 25);
    });
    call(phone);
    expect_over();
    EXPECT_EQ(digits, "42");
    EXPECT_EQ(heard.loud, 25);
}

TEST_F(AsteriskSipAudio, EndsATalkWhenTheCallerHangsUp) {
    RtpStream phone;
    phone.say(tone_of(20s));
    HeardFrames heard;
    auto handler = [&](AudioLine& line) -> asio::awaitable<void> {
        co_await hear_loud(line, 10);
        hang_up();
        heard = co_await hear_loud(line, 1000);
        EXPECT_TRUE(line.ended());
    };
    serve_flow([&](AGI& call) { return talk(call, handler); });
    call(phone);
    expect_over(true);
    EXPECT_LT(heard.all, 500);
}

TEST_F(AsteriskSipAudio, EndsATapWhenTheCallerHangsUp) {
    RtpStream phone;
    phone.say(tone_of(20s));
    HeardFrames heard;
    serve_flow([&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call, AudioOptions().speak(true));
        audio.line().write(tone_of(3000ms));
        co_await hear_loud(audio, 10);
        hang_up();
        heard = co_await hear_loud(audio, 1000);
    });
    call(phone);
    expect_over(true);
    EXPECT_LT(heard.all, 500);
}

}  // namespace
}  // namespace costrix::agi
