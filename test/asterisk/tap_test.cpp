// SPDX-License-Identifier: MIT
// The caller's audio while commands run, with a real Asterisk: what is heard and said, each way to
// end, and that nothing is left open.
#include "asterisk/asterisk_fixture.hpp"
#include "asterisk/audio_figures.hpp"
#include "asterisk/heard_frames.hpp"
#include "asterisk/sip_phone.hpp"

#include <costrix/asio.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <future>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using test::AsteriskTest;
using test::hear_loud;
using test::HeardFrames;
using test::is_loud;
using namespace std::chrono_literals;

std::vector<std::int16_t> beep_of(std::chrono::milliseconds time) {
    std::vector<std::int16_t> samples(static_cast<std::size_t>(time.count()) * 8);
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<std::int16_t>(
            10000 * std::sin(2 * 3.141592653589793 * 500 * static_cast<double>(i) / 8000)
        );
    return samples;
}

asio::awaitable<void> count(AudioStream& audio, HeardFrames& frames) {
    while (const auto frame = co_await audio.read()) {
        ++frames.all;
        frames.loud += is_loud(frame->samples) ? 1 : 0;
    }
}

/// What comes while `work` runs; nothing that came before.
template <class Work>
asio::awaitable<HeardFrames> heard_during(AudioStream& audio, Work work) {
    HeardFrames frames;
    co_await race(count(audio, frames), std::move(work));
    co_return frames;
}

asio::awaitable<void> say_and_wait(AGI& call, AudioStream& audio) {
    audio.line().write(beep_of(1000ms));
    co_await call.sleep_for(1300ms);
}

// A caller with "tone" is a generator, as PlayTones is: on two halves of a Local channel, each
// waits for the other's frames. Callers who are spoken to have "speech" or "echo".
const AudioOptions kSpeak = AudioOptions().speak(true);

class AsteriskTap : public AsteriskTest {
protected:
    /// Serves this and places one such call.
    template <class Flow>
    test::CallOutcome run(Flow flow, const test::CallPlan& plan) {
        serve([this, flow](AGI& call, const Request&) -> asio::awaitable<void> {
            co_await call.execute(Answer());
            co_await flow(call);
            const auto language = co_await call.execute(GetVariable("CHANNEL(language)"));
            in_step_ = language == "en";
        });
        auto outcome = asterisk_.place(plan, 30s);
        finish();
        expect_no_taps();
        return outcome;
    }
    test::CallPlan with(const std::string& audio) const {
        auto call = plan();
        call.audio = audio;
        return call;
    }

    std::atomic<bool> in_step_ = false;
};

TEST_F(AsteriskTap, HearsTheCallerDuringPromptsAndOtherCommandsAndInIdle) {
    auto flow = [](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call);
        const auto prompt = StreamFile("tt-monkeys");
        const auto cut = co_await call.execute_during(prompt, hear_loud(audio, 25));
        EXPECT_EQ(cut.value.loud, 25);
        EXPECT_FALSE(cut.played) << "the caller has interrupted it";
        const auto idle = co_await heard_during(audio, call.sleep_for(1s));
        EXPECT_NEAR(idle.loud, 50, 10);
        const auto wait = WaitForDigit(1s);
        const auto digit = co_await heard_during(audio, call.execute(wait));
        EXPECT_NEAR(digit.loud, 50, 10);
        const auto application = Exec("Wait", 1);
        const auto exec = co_await heard_during(audio, call.execute(application));
        EXPECT_NEAR(exec.loud, 50, 10);
        EXPECT_EQ(audio.overruns(), 0U);
    };
    EXPECT_EQ(run(flow, with("tone")).agistatus, "SUCCESS");
    EXPECT_TRUE(in_step_);
    expect_nothing_wrong();
}

TEST_F(AsteriskTap, DoesNotHearOurOwnPrompts) {
    auto flow = [](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call);
        const auto prompt = StreamFile("beep");
        const auto frames = co_await heard_during(audio, call.execute(prompt));
        EXPECT_EQ(frames.loud, 0);
    };
    EXPECT_EQ(run(flow, plan()).agistatus, "SUCCESS");
    EXPECT_TRUE(in_step_);
}

/// The caller's line sends back what it receives.
TEST_F(AsteriskTap, SpeaksWhileCommandsRunAndInIdle) {
    std::vector<std::pair<std::string, int>> found;
    auto flow = [&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call, kSpeak);
        auto note = [&](const char* what, HeardFrames frames) {
            std::cout << what << ": " << frames.loud << " of 50\n";
            found.emplace_back(what, frames.loud);
        };
        note("idle", co_await heard_during(audio, say_and_wait(call, audio)));
        co_await call.execute(StreamFile("beep"));
        co_await call.sleep_for(100ms);
        co_await heard_during(audio, call.sleep_for(300ms));
        note("after a prompt", co_await heard_during(audio, say_and_wait(call, audio)));
        const auto wait = WaitForDigit(1300ms);
        audio.line().write(beep_of(1000ms));
        note("WAIT FOR DIGIT", co_await heard_during(audio, call.execute(wait)));
        const auto application = Exec("Wait", "1.3");
        audio.line().write(beep_of(1000ms));
        note("EXEC Wait", co_await heard_during(audio, call.execute(application)));
        co_await call.execute(Exec("Playback", "beep"));
        co_await heard_during(audio, call.sleep_for(300ms));
        note("after Playback", co_await heard_during(audio, say_and_wait(call, audio)));
        const auto silence = StreamFile("silence/2");
        audio.line().write(beep_of(1000ms));
        note("during a prompt", co_await heard_during(audio, call.execute(silence)));
        EXPECT_EQ(audio.line().heard(), 6U * 8000U);
    };
    EXPECT_EQ(run(flow, with("echo")).agistatus, "SUCCESS");
    for (const auto& [what, frames] : found) {
        EXPECT_GE(frames, 35) << what << " (on a busy machine some come late)";
        EXPECT_LE(frames, 55) << what;
    }
    EXPECT_EQ(found.size(), 6U);
    EXPECT_TRUE(in_step_);
    expect_nothing_wrong();
}

/// Asterisk drops what an application writes while the tone of PlayTones runs.
TEST_F(AsteriskTap, LetsApplicationsBeHeardAndSpeaksAfterThem) {
    int in_talk = 0, after = 0;
    auto say = [&](AudioLine& line) -> asio::awaitable<void> {
        co_await line.play(beep_of(1000ms));
        while (in_talk < 40) {
            const auto frame = co_await line.read();
            if (!frame)
                break;
            in_talk += is_loud(frame->samples) ? 1 : 0;
        }
    };
    auto flow = [&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call, kSpeak);
        co_await talk(call, say);
        co_await heard_during(audio, call.sleep_for(300ms));
        after = (co_await heard_during(audio, say_and_wait(call, audio))).loud;
    };
    EXPECT_EQ(run(flow, with("echo")).agistatus, "SUCCESS");
    EXPECT_GE(in_talk, 40);
    EXPECT_GE(after, 35);
    EXPECT_TRUE(in_step_);
}

TEST_F(AsteriskTap, LeavesNoToneBehind) {
    int in_talk = 0;
    auto flow = [&](AGI& call) -> asio::awaitable<void> {
        auto speak = [](AGI& its_call) -> asio::awaitable<void> {
            const auto audio = co_await open_audio(its_call, kSpeak);
        };
        co_await speak(call);
        auto say = [&](AudioLine& line) -> asio::awaitable<void> {
            line.write(beep_of(1000ms));
            while (in_talk < 40) {
                const auto frame = co_await line.read();
                if (!frame)
                    break;
                in_talk += is_loud(frame->samples) ? 1 : 0;
            }
        };
        co_await talk(call, say);
    };
    EXPECT_EQ(run(flow, with("echo")).agistatus, "SUCCESS");
    EXPECT_GE(in_talk, 40);
    EXPECT_TRUE(in_step_);
}

TEST_F(AsteriskTap, WaitsForAnUnansweredChannel) {
    HeardFrames before, after;
    serve([&](AGI& call, const Request&) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call);
        before = co_await heard_during(audio, call.sleep_for(500ms));
        co_await call.execute(Answer());
        after = co_await hear_loud(audio, 10);
    });
    EXPECT_EQ(asterisk_.place(with("tone")).agistatus, "SUCCESS");
    EXPECT_EQ(before.all, 0);
    EXPECT_EQ(after.loud, 10);
    finish();
    expect_no_taps();
}

TEST_F(AsteriskTap, IsRefusedWhereNobodyListens) {
    std::string error;
    auto flow = [&](AGI& call) -> asio::awaitable<void> {
        const auto options = AudioOptions().host("127.0.0.2");
        try {
            const auto audio = co_await open_audio(call, options);
        } catch (const AGIAppError& refusal) {
            error = refusal.what();
        }
    };
    EXPECT_EQ(run(flow, plan()).agistatus, "SUCCESS");
    EXPECT_TRUE(error.starts_with("Asterisk did not connect its audio to 127.0.0.2:")) << error;
    EXPECT_TRUE(error.ends_with(" (ORIGINATE_STATUS is CONGESTION)")) << error;
    EXPECT_TRUE(in_step_);
    expect_nothing_wrong();
}

TEST_F(AsteriskTap, OpensOneAfterTheOther) {
    int opened = 0;
    auto flow = [&](AGI& call) -> asio::awaitable<void> {
        for (int i = 0; i < 20; ++i) {
            auto audio = co_await open_audio(call, AudioOptions().speak(i % 2 == 0));
            opened += (co_await hear_loud(audio, 2)).loud == 2 ? 1 : 0;
            co_await call.execute(Noop());
        }
    };
    EXPECT_EQ(run(flow, with("speech")).agistatus, "SUCCESS");
    EXPECT_EQ(opened, 20);
    EXPECT_TRUE(in_step_);
    expect_nothing_wrong();
}

TEST_F(AsteriskTap, EndsWithTheHandlerThatThrows) {
    serve([](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        auto audio = co_await open_audio(call, kSpeak);
        co_await hear_loud(audio, 2);
        throw AGIAppError("the model is gone");
    });
    asterisk_.place(with("speech"));
    finish();
    expect_no_taps();
    EXPECT_EQ(server_.counters().handler_failures, 1U);
}

TEST_F(AsteriskTap, EndsWhenTheCallerHangsUp) {
    HeardFrames frames;
    serve([&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        auto audio = co_await open_audio(call, kSpeak);
        frames = co_await hear_loud(audio, 1000000);
        EXPECT_TRUE(call.hung_up());
    });
    auto call = with("speech");
    call.hangup_after = 1500ms;
    asterisk_.place(call);
    finish();
    EXPECT_GT(frames.all, 25);
    expect_no_taps();
    expect_nothing_wrong();
}

TEST_F(AsteriskTap, EndsBeforeDialUnlessToldOtherwise) {
    HeardFrames closed, open;
    auto flow = [&](AGI& call) -> asio::awaitable<void> {
        const auto dial = Exec("Dial", "Local/answer@costrix-party/n", 10, "S(1)");
        {
            auto audio = co_await open_audio(call, kSpeak);
            co_await hear_loud(audio, 5);
            co_await heard_during(audio, call.sleep_for(10ms));
            closed = co_await heard_during(audio, call.execute(dial));
        }
        auto audio = co_await open_audio(call, AudioOptions().while_connected(true));
        co_await hear_loud(audio, 5);
        open = co_await heard_during(audio, call.execute(dial));
    };
    EXPECT_EQ(run(flow, with("speech")).agistatus, "SUCCESS");
    EXPECT_LE(closed.all, 2) << "what was buffered";
    EXPECT_GE(open.all, 40);
    EXPECT_TRUE(in_step_);
    expect_nothing_wrong();
}

/// After a transfer the caller lives, and talks to somebody else.
TEST_F(AsteriskTap, EndsWhenTheCallIsTransferred) {
    std::promise<std::string> channel;
    std::atomic<int> late = -1;
    serve([&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        auto audio = co_await open_audio(call, AudioOptions().speak(true).while_connected(true));
        co_await hear_loud(audio, 5);
        channel.set_value(std::string(call.environment().channel()));
        try {
            co_await call.execute(StreamFile("tt-monkeys"));
        } catch (const AGIHangup&) {
        }
        co_await call.sleep_for(100ms);
        late = (co_await heard_during(audio, call.sleep_for(500ms))).all;
    });
    const auto id = asterisk_.start(with("speech"));
    const auto name = channel.get_future().get();
    asterisk_.action(
        "Redirect",
        {{"Channel", name}, {"Context", "costrix-party"}, {"Exten", "answer"}, {"Priority", "1"}}
    );
    finish();
    EXPECT_LE(late, 25) << "what was heard before the transfer";
    expect_no_taps();
    EXPECT_NE(asterisk_.command("core show channels").find(name), std::string::npos);
    asterisk_.hang_up(id);
}

TEST_F(AsteriskTap, WritesNoCallRecord) {
    std::string records;
    auto flow = [&](AGI& call) -> asio::awaitable<void> {
        {
            auto audio = co_await open_audio(call);
            co_await hear_loud(audio, 5);
        }
        co_await call.sleep_for(500ms);
        const auto file = GetFullVariable("${FILE(/var/costrix/log/cdr-csv/Master.csv,-2,2,l)}");
        records = (co_await call.execute(file)).value_or("none");
    };
    asterisk_.place([] {
        test::CallPlan first;
        first.url = "nothing";
        return first;
    }());
    EXPECT_EQ(run(flow, with("tone")).agistatus, "SUCCESS");
    EXPECT_NE(records.find("costrix-party"), std::string::npos) << "of another call: " << records;
    EXPECT_EQ(records.find("ChanSpy"), std::string::npos) << records;
}

/// A phone that sends no audio: no frame ever comes, and nothing is wrong.
TEST_F(AsteriskTap, StaysOpenForASilentPhone) {
    std::atomic<int> ended = 0, frames = 0;
    serve([&](AGI& call, const Request&) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call, kSpeak);
        const auto prompt = StreamFile("beep");
        co_await call.execute(prompt);
        frames += (co_await hear_loud(audio, 1)).all;
        ++ended;
    });
    test::SipPhone phone(test::port_of("SIP_PORT", 5098));
    asterisk_.expect("tapped");
    phone.call("tapped", std::to_string(server_.port()));
    std::this_thread::sleep_for(3s);
    EXPECT_EQ(ended, 0);
    phone.hang_up("tapped");
    asterisk_.wait("tapped");
    finish();
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(frames, 0);
    expect_no_taps();
    expect_nothing_wrong();
}

TEST_F(AsteriskTap, HoldsManyTapsAtOnce) {
    const std::size_t calls = test::audio_full() ? 200 : 50;
    std::atomic<std::size_t> heard = 0;
    serve([&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        auto audio = co_await open_audio(call);
        heard += (co_await hear_loud(audio, 100)).loud == 100 ? 1 : 0;
        co_await call.execute(Noop());
    });
    for (const auto& outcome : asterisk_.place(with("tone"), calls, calls, 60s))
        EXPECT_EQ(outcome.agistatus, "SUCCESS");
    EXPECT_EQ(heard, calls);
    finish();
    expect_no_taps();
    expect_nothing_wrong();
}

/// Before the connection, during it, during a prompt, while it ends: whatever comes first.
TEST_F(AsteriskTap, LeavesNothingOpenWhenCallersHangUpAtAnyTime) {
    const int calls = test::audio_full() ? 1000 : 300;
    std::atomic<int> ended = 0, hung_up = 0, strange = 0;
    auto one = [](AGI& call, bool speak) -> asio::awaitable<void> {
        const auto options = AudioOptions().speak(speak);
        auto audio = co_await open_audio(call, options);
        if (speak)
            audio.line().write(beep_of(500ms));
        const auto prompt = StreamFile("tt-monkeys");
        co_await call.execute_during(prompt, hear_loud(audio, 10));
    };
    serve([&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        try {
            for (int i = 0;; ++i)
                co_await one(call, i % 2 == 0);
        } catch (const AGIHangup&) {
            ++hung_up;
        } catch (const AGIException& error) {
            ++strange;
            std::cout << error.what() << '\n';
        }
        ++ended;
    });
    auto call = with("speech");
    hang_up_at_any_time(call, calls, 50ms);
    EXPECT_EQ(ended, calls);
    EXPECT_EQ(hung_up, calls);
    EXPECT_EQ(strange, 0);
}

}  // namespace
}  // namespace costrix::agi
