// SPDX-License-Identifier: MIT
// play(), record(), AudioServer and other sample rates with a real Asterisk.
#include "asterisk/asterisk_fixture.hpp"

#include <costrix/asio.hpp>

#include <cmath>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using test::AsteriskTest;
using namespace std::chrono_literals;
using Pcm = std::vector<std::int16_t>;

Pcm sine(std::chrono::milliseconds time, unsigned rate) {
    Pcm samples(static_cast<std::size_t>(time.count()) * rate / 1000);
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<std::int16_t>(
            10000 * std::sin(2 * 3.141592653589793 * 440 * static_cast<double>(i) / rate)
        );
    return samples;
}

bool is_tone(std::span<const std::int16_t> samples) {
    double sum = 0;
    for (const double sample : samples)
        sum += sample * sample;
    return sum > 1e6 * static_cast<double>(samples.size());
}

class AsteriskSound : public AsteriskTest {
protected:
    /// Answers, runs this, and shows that the session is in step.
    template <class Work>
    void serve_sound(Work work) {
        auto flow = [this, work](AGI& call, const Request&) -> asio::awaitable<void> {
            co_await call.execute(Answer());
            auto todo = work(call);
            co_await std::move(todo);
            if (call.hung_up())
                co_return;
            co_await call.execute(StreamFile("beep"));
            in_step_ = true;
        };
        serve(flow);
    }
    void place(const test::CallPlan& call) {
        asterisk_.place(call);
        finish();
        expect_nothing_wrong();
    }

    bool in_step_ = false;
};

TEST_F(AsteriskSound, PlaysFromMemoryAtEachRate) {
    std::uint64_t samples = 0;
    auto work = [&](AGI& call) -> asio::awaitable<void> {
        for (const unsigned rate : kAudioRates) {
            const Sound sound(sine(200ms, rate), rate);
            const auto played = co_await agi::play(call, sound);
            samples += played.samples * 8000 / rate;
        }
    };
    serve_sound(work);
    place(plan());
    EXPECT_EQ(samples, 9 * 1600U);
    EXPECT_TRUE(in_step_);
}

TEST_F(AsteriskSound, StopsWhenTheCallerPressesAKey) {
    PlayedSound played;
    auto work = [&](AGI& call) -> asio::awaitable<void> {
        const Sound sound(sine(20s, 8000));
        played = co_await agi::play(call, sound, "5");
    };
    serve_sound(work);
    auto call = plan();
    call.digits = "15";
    place(call);
    EXPECT_EQ(played.key, '5');
    EXPECT_GT(played.samples, 8000U);
    EXPECT_LT(played.samples, 80000U);
    EXPECT_TRUE(in_step_);
}

TEST_F(AsteriskSound, RecordsTheCaller) {
    RecordedSound timed, silent, ended;
    Pcm stored;
    auto work = [&](AGI& call) -> asio::awaitable<void> {
        auto keep = [&](std::span<const std::int16_t> samples) {
            stored.insert(stored.end(), samples.begin(), samples.end());
        };
        const auto second = RecordLimits().longest(1s).silence(5s);
        timed = co_await agi::record(call, keep, second);
        const auto until_silence = RecordLimits().longest(10s).silence(1s);
        silent = co_await agi::record(call, keep, until_silence);
        ended = co_await agi::record(call, keep);
    };
    serve_sound(work);
    auto call = plan();
    call.audio = "pause";  // a tone for 2 s, then silence
    call.hangup_after = 6s;
    place(call);
    using StoppedBy = RecordedSound::StoppedBy;
    EXPECT_EQ(timed.stopped_by, StoppedBy::timeout);
    EXPECT_LE(timed.endpos.count(), 8000);
    EXPECT_GT(timed.endpos.count(), 7000);
    EXPECT_EQ(silent.stopped_by, StoppedBy::silence);
    EXPECT_EQ(ended.stopped_by, StoppedBy::hangup);
    ASSERT_GT(stored.size(), 8000U);
    EXPECT_TRUE(is_tone(std::span(stored).subspan(2000, 4000)));
    EXPECT_FALSE(in_step_) << "the caller has hung up";
}

TEST_F(AsteriskSound, HearsTheCallerAt16Kilohertz) {
    std::size_t frames = 0, loud = 0;
    std::set<unsigned> rates;
    auto work = [&](AGI& call) -> asio::awaitable<void> {
        auto audio = co_await open_audio(call, AudioOptions().rate(16000));
        while (loud < 25 && frames < 100) {
            const auto frame = co_await audio.read();
            if (!frame)
                break;
            ++frames;
            rates.insert(frame->sample_rate);
            EXPECT_EQ(frame->samples.size(), 320U);
            loud += is_tone(frame->samples) ? 1 : 0;
        }
    };
    serve_sound(work);
    auto call = plan();
    call.audio = "tone";
    place(call);
    EXPECT_EQ(rates, std::set<unsigned>{16000});
    EXPECT_EQ(loud, 25U);
    EXPECT_TRUE(in_step_);
}

/// What a dialplan runs, run by EXEC.
TEST_F(AsteriskSound, AudioServerServesTheApplicationAndDial) {
    const std::string uuid = "40325ec2-5efd-4bd3-805f-53576e581d13";
    AudioServer audio({.port = 0, .logger = log_.logger()});
    std::vector<unsigned> rates;
    std::size_t loud = 0;
    auto handler = [&](AudioLine& line, const Uuid& its) -> asio::awaitable<void> {
        EXPECT_EQ(its.to_string(), uuid);
        for (int heard = 0; heard < 25;) {
            const auto frame = co_await line.read();
            if (!frame)
                co_return;
            if (!is_tone(frame->samples))
                continue;
            if (++heard == 25)
                rates.push_back(frame->sample_rate);
            ++loud;
        }
    };
    audio.register_audio_handler(uuid, handler);
    std::thread thread([&] { audio.run(); });
    const auto where = "127.0.0.1:" + std::to_string(audio.port());
    auto work = [&](AGI& call) -> asio::awaitable<void> {
        const auto application = Exec::raw("AudioSocket", uuid + ',' + where);
        co_await call.execute(application);
        const auto dial =
            Exec::raw("Dial", "AudioSocket/" + where + '/' + uuid + "/c(slin16),20,g");
        co_await call.execute(dial);
    };
    serve_sound(work);
    auto call = plan();
    call.audio = "tone";
    place(call);
    audio.shutdown();
    thread.join();
    EXPECT_EQ(rates, (std::vector<unsigned>{8000, 16000}));
    EXPECT_EQ(loud, 50U);
    EXPECT_TRUE(in_step_);
    EXPECT_EQ(audio.counters().connected, 2U);
    EXPECT_EQ(audio.counters().failures, 0U);
}

}  // namespace
}  // namespace costrix::agi
