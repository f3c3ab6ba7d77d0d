// SPDX-License-Identifier: MIT
// Transfers of a SIP caller whose audio is open, by REFER: blind, and attended with Replaces.
#include "asterisk/sip_audio_fixture.hpp"

#include <costrix/asio.hpp>

#include <chrono>
#include <future>
#include <string>
#include <thread>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using test::AgentAndTarget;
using test::hear_loud;
using test::HeardFrames;
using test::hears;
using test::loud_time;
using test::RtpStream;
using test::tone_of;

const AudioOptions kWhileConnected = AudioOptions().speak(true).while_connected(true);

/// The script's call to the agent; a transfer may end it with a hangup.
asio::awaitable<void> dial_agent(AGI& call, const AgentAndTarget& others) {
    const Exec dial("Dial", others.agent.dialled(), 10);
    try {
        co_await call.execute(dial);
    } catch (const AGIHangup&) {
    }
}

/// What comes in half a second from now on.
std::chrono::milliseconds heard_in_half_a_second(RtpStream& audio) {
    audio.take_received();
    std::this_thread::sleep_for(500ms);
    return loud_time(audio.take_received());
}

/// A caller, the agent whom the script dials, and the target of a transfer.
class AsteriskSipTransfer : public test::SipAudioTest {
protected:
    void SetUp() override {
        const auto modules = asterisk_.command("module show like res_pjsip_refer");
        if (modules.find("Running") == std::string::npos)
            GTEST_SKIP() << "this Asterisk has no res_pjsip_refer, and knows no REFER";
    }
    void call_speaking() {
        caller_.say(tone_of(20s));
        call(caller_);
    }

    RtpStream caller_;
    AgentAndTarget others_;
};

/// Asterisk calls the target once the script has ended.
TEST_F(AsteriskSipTransfer, EndsATapBeforeTheTargetOfABlindTransferIsCalled) {
    bool ended = false;
    std::size_t taken = 1, called = 1;
    serve_flow([&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call, kWhileConnected);
        co_await hear_loud(audio, 10);
        audio.line().write(tone_of(5000ms, 700));
        co_await dial_agent(call, others_);
        co_await hear_loud(audio, 1000);
        ended = call.hung_up() && audio.line().ended();
        taken = audio.line().write(tone_of(5000ms, 700));
        co_await call.sleep_for(200ms);
        called = others_.target.open();
    });
    call_speaking();
    const auto conversation = others_.agent.wait_for_call();
    EXPECT_TRUE(hears(others_.agent_audio));
    EXPECT_EQ(others_.agent.transfer(conversation, others_.target_extension()), 202);
    others_.target.wait_for_call();
    EXPECT_TRUE(hears(others_.target_audio)) << "the caller";
    EXPECT_EQ(heard_in_half_a_second(caller_), 0ms) << "of the script";
    others_.target_audio.say(tone_of(10s));
    EXPECT_TRUE(hears(caller_)) << "the target";
    expect_no_taps();
    hang_up();
    expect_over(true);
    EXPECT_TRUE(ended);
    EXPECT_EQ(taken, 0U);
    EXPECT_EQ(called, 0U);
}

/// Of which Asterisk does not tell the script: EXEC Dial goes on until the target hangs up.
TEST_F(AsteriskSipTransfer, HasEndedWhenTheAgentTransfersAttended) {
    HeardFrames heard;
    serve_flow([&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call, AudioOptions().speak(true));
        co_await audio.read();
        audio.line().write(tone_of(5000ms, 700));
        co_await dial_agent(call, others_);
        heard = co_await hear_loud(audio, 1000);
        EXPECT_TRUE(audio.line().ended());
    });
    call(caller_);
    const auto conversation = others_.agent.wait_for_call();
    caller_.say(tone_of(20s));
    EXPECT_TRUE(hears(others_.agent_audio)) << "the caller";
    others_.consult(others_.agent);
    EXPECT_EQ(others_.agent.transfer_to_call(conversation, others_.target_extension()), 202);
    std::this_thread::sleep_for(200ms);
    EXPECT_EQ(heard_in_half_a_second(caller_), 0ms) << "of the script";
    others_.target_audio.say(tone_of(10s));
    EXPECT_TRUE(hears(caller_)) << "the target";
    expect_no_taps();
    others_.target.hang_up(others_.target.wait_for_call());
    expect_over();
    EXPECT_EQ(heard.loud, 0) << "of what the caller has said to the others";
}

TEST_F(AsteriskSipTransfer, GoesOnAfterAnAttendedTransferIfItIsToldTo) {
    HeardFrames heard;
    serve_flow([&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call, kWhileConnected);
        co_await hear_loud(audio, 10);
        co_await dial_agent(call, others_);
        heard = co_await hear_loud(audio, 60);
    });
    call_speaking();
    const auto conversation = others_.agent.wait_for_call();
    EXPECT_TRUE(hears(others_.agent_audio));
    others_.consult(others_.agent);
    EXPECT_EQ(others_.agent.transfer_to_call(conversation, others_.target_extension()), 202);
    others_.target_audio.say(tone_of(10s));
    EXPECT_TRUE(hears(caller_)) << "the target";
    const auto channels = asterisk_.command("core show channels concise");
    EXPECT_NE(channels.find("!ChanSpy!"), std::string::npos) << channels;
    others_.target.hang_up(others_.target.wait_for_call());
    expect_over();
    EXPECT_EQ(heard.loud, 60);
}

/// The target is not a channel in a bridge: that ends EXEC Dial with a hangup.
TEST_F(AsteriskSipTransfer, EndsATapWhenTheAgentTransfersToAnApplication) {
    bool ended = false;
    serve_flow([&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call, kWhileConnected);
        co_await hear_loud(audio, 10);
        co_await dial_agent(call, others_);
        co_await hear_loud(audio, 1000);
        ended = call.hung_up() && audio.line().ended();
    });
    call_speaking();
    const auto conversation = others_.agent.wait_for_call();
    EXPECT_TRUE(hears(others_.agent_audio));
    const auto echo = '8' + std::to_string(others_.agent.port());
    others_.agent.call(echo, "agent", &others_.consultation_audio);
    EXPECT_TRUE(hears(others_.consultation_audio));
    EXPECT_EQ(others_.agent.transfer_to_call(conversation, echo), 202);
    EXPECT_TRUE(hears(caller_)) << "the echo";
    expect_no_taps();
    hang_up();
    expect_over(true);
    EXPECT_TRUE(ended);
}

/// Asterisk takes the REFER, and does nothing: no bridge connects the caller with anybody.
TEST_F(AsteriskSipTransfer, GoesOnWhenTheCallerTransfersTheScriptBlind) {
    HeardFrames heard;
    std::promise<void> open;
    serve_flow([&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call, kWhileConnected);
        open.set_value();
        co_await call.execute(StreamFile("silence/1"));
        heard = co_await hear_loud(audio, 75);
    });
    call_speaking();
    open.get_future().wait();
    EXPECT_EQ(phone_.transfer(kUser, others_.target_extension()), 202);
    expect_over();
    EXPECT_EQ(heard.loud, 75);
    EXPECT_EQ(others_.target.open(), 0U);
}

/// The target takes the caller's place, of which Asterisk does not tell the script.
TEST_F(AsteriskSipTransfer, HearsTheTargetToWhomTheCallerTransfersTheScript) {
    HeardFrames heard;
    std::promise<void> open;
    serve_flow([&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call, kWhileConnected);
        open.set_value();
        heard = co_await hear_loud(audio, 25);
        audio.line().write(tone_of(5000ms, 700));
        co_await call.execute(StreamFile("silence/1"));
    });
    call(caller_);
    open.get_future().wait();
    others_.consult(phone_);
    EXPECT_EQ(phone_.transfer_to_call(kUser, others_.target_extension()), 202);
    others_.target_audio.say(tone_of(10s));
    std::this_thread::sleep_for(200ms);
    EXPECT_TRUE(hears(others_.target_audio)) << "the script";
    expect_over();
    EXPECT_EQ(heard.loud, 25);
}

}  // namespace
}  // namespace costrix::agi
