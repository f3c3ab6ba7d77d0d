// SPDX-License-Identifier: MIT
// Two-way audio with a real Asterisk: what is heard and said, each way to end, and that the session
// is in step afterwards.
#include "asterisk/asterisk_fixture.hpp"
#include "asterisk/audio_figures.hpp"

#include <costrix/asio.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using test::AsteriskTest;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double level(const std::vector<std::int16_t>& samples) {
    double sum = 0;
    for (const double sample : samples)
        sum += sample * sample;
    return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(samples.size(), 1)));
}

std::vector<std::int16_t> tone(std::chrono::milliseconds time, unsigned rate) {
    std::vector<std::int16_t> samples(static_cast<std::size_t>(time.count()) * rate / 1000);
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<std::int16_t>(
            10000 * std::sin(2 * 3.141592653589793 * 440 * static_cast<double>(i) / rate)
        );
    return samples;
}

/// What a handler found, and how its call went on.
struct Seen {
    int frames = 0;
    int loud = 0;  // of them
    std::string keys;
    std::string error;
    std::string language;  // asked for afterwards
    bool hung_up = false;
    std::chrono::milliseconds took{};
    AudioLineCounters counters;
};

/// Counts what comes until so many loud frames have, or the line ends.
asio::awaitable<void> listen(AudioLine& line, Seen& seen, int enough) {
    while (seen.loud < enough) {
        const auto frame = co_await line.read();
        if (!frame)
            break;
        ++seen.frames;
        seen.loud += level(frame->samples) > 1000 ? 1 : 0;
    }
}

class AsteriskAudio : public AsteriskTest {
protected:
    /// Talks, and then shows that the session is in step: a variable, and a prompt.
    template <class Handler>
    void serve_talk(Handler handler, bool answer = true, AudioOptions options = AudioOptions()) {
        auto flow =
            [this, handler, answer, options](AGI& call, const Request&) -> asio::awaitable<void> {
            if (answer)
                co_await call.execute(Answer());
            const auto begin = Clock::now();
            try {
                co_await talk(call, handler, options);
            } catch (const AGIException& error) {
                seen_.error = error.what();
            }
            seen_.took =
                std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
            seen_.hung_up = call.hung_up();
            if (seen_.hung_up)
                co_return;
            const auto language = co_await call.execute(GetVariable("CHANNEL(language)"));
            seen_.language = language.value_or("none");
            if (answer)
                co_await call.execute(StreamFile("beep"));
        };
        serve(flow);
    }
    void expect_in_step() const {
        EXPECT_FALSE(seen_.hung_up);
        EXPECT_EQ(seen_.language, "en");
    }

    Seen seen_;
};

TEST_F(AsteriskAudio, HearsTheCallerAndEndsByItself) {
    auto handler = [this](AudioLine& line) -> asio::awaitable<void> {
        co_await listen(line, seen_, 50);
        seen_.counters = line.counters();
    };
    serve_talk(handler);
    auto call = plan();
    call.audio = "tone";
    EXPECT_EQ(asterisk_.place(call).agistatus, "SUCCESS");
    EXPECT_EQ(seen_.error, "");
    EXPECT_EQ(seen_.loud, 50);
    EXPECT_EQ(seen_.counters.lost_samples, 0U);
    expect_in_step();
    finish();
    expect_nothing_wrong();
}

/// The caller's line sends back what it receives: what was said has come to the caller's ear.
TEST_F(AsteriskAudio, IsHeardByTheCaller) {
    int before = 0;
    std::uint64_t heard = 0;
    auto say = [](AudioLine& line, std::uint64_t& gone) -> asio::awaitable<void> {
        co_await line.play(tone(1000ms, 8000));
        co_await line.play(tone(1000ms, 24000), 24000);
        gone = line.heard();
    };
    auto handler = [&](AudioLine& line) -> asio::awaitable<void> {
        Seen silence;
        while (silence.frames < 25) {
            const auto frame = co_await line.read();
            if (!frame)
                co_return;
            ++silence.frames;
            before += level(frame->samples) > 1000 ? 1 : 0;
        }
        co_await join(say(line, heard), listen(line, seen_, 90));
        seen_.counters = line.counters();
    };
    serve_talk(handler);
    auto call = plan();
    call.audio = "echo";
    EXPECT_EQ(asterisk_.place(call).agistatus, "SUCCESS");
    EXPECT_EQ(seen_.error, "");
    EXPECT_EQ(before, 0);
    EXPECT_GE(seen_.loud, 90) << "of 100 frames";
    EXPECT_EQ(heard, 8000U + 24000U);
    expect_in_step();
    std::cout << "late by "
              << std::chrono::duration<double, std::milli>(seen_.counters.max_lateness).count()
              << " ms at most\n";
}

TEST_F(AsteriskAudio, EndsWhenTheCallerHangsUp) {
    auto handler = [this](AudioLine& line) -> asio::awaitable<void> {
        co_await listen(line, seen_, 1000000);
    };
    serve_talk(handler);
    auto call = plan();
    call.audio = "tone";
    call.hangup_after = 1500ms;
    asterisk_.place(call);
    finish();
    EXPECT_TRUE(seen_.hung_up);
    EXPECT_NE(seen_.error, "");
    EXPECT_GT(seen_.frames, 25);
    EXPECT_LT(seen_.took, 5s);
    expect_nothing_wrong();
}

TEST_F(AsteriskAudio, IsRefusedWhereNobodyListens) {
    auto handler = [this](AudioLine& line) { return listen(line, seen_, 1); };
    serve_talk(handler, true, AudioOptions().host("127.0.0.2"));
    EXPECT_EQ(asterisk_.place(plan()).agistatus, "SUCCESS");
    EXPECT_TRUE(seen_.error.starts_with("Asterisk did not connect its audio to 127.0.0.2:"))
        << seen_.error;
    EXPECT_EQ(seen_.error.find("answered"), std::string::npos) << seen_.error;
    EXPECT_EQ(seen_.frames, 0);
    expect_in_step();
}

TEST_F(AsteriskAudio, SaysThatTheChannelIsNotAnswered) {
    auto handler = [this](AudioLine& line) { return listen(line, seen_, 1); };
    serve_talk(handler, false);
    asterisk_.place(plan());
    finish();
    EXPECT_TRUE(seen_.error.ends_with(": the channel is not answered")) << seen_.error;
    expect_in_step();
}

/// Without a frame in either direction, Asterisk would give up after 2 s.
TEST_F(AsteriskAudio, StaysOpenWhileTheCallerIsSilent) {
    auto handler = [this](AudioLine& line) -> asio::awaitable<void> {
        asio::steady_timer timer(co_await asio::this_coro::executor, 4s);
        co_await timer.async_wait(asio::use_awaitable);
        EXPECT_FALSE(line.ended());
        seen_.counters = line.counters();
    };
    serve_talk(handler);
    EXPECT_EQ(asterisk_.place(plan()).agistatus, "SUCCESS");
    EXPECT_EQ(seen_.error, "");
    EXPECT_GE(seen_.took, 4s);
    expect_in_step();
}

TEST_F(AsteriskAudio, GivesTheKeysThatTheCallerPresses) {
    auto handler = [this](AudioLine& line) -> asio::awaitable<void> {
        while (const auto key = co_await line.next_key()) {
            seen_.keys += *key;
            if (key == '#')
                break;
        }
    };
    serve_talk(handler);
    auto call = plan();
    call.digits = "12#";
    EXPECT_EQ(asterisk_.place(call).agistatus, "SUCCESS");
    EXPECT_EQ(seen_.keys, "12#");
    expect_in_step();
}

TEST_F(AsteriskAudio, RethrowsWhatTheHandlerThrows) {
    auto handler = [this](AudioLine& line) -> asio::awaitable<void> {
        co_await listen(line, seen_, 1);
        throw AGIAppError("the model is gone");
    };
    serve_talk(handler);
    auto call = plan();
    call.audio = "tone";
    EXPECT_EQ(asterisk_.place(call).agistatus, "SUCCESS");
    EXPECT_EQ(seen_.error, "the model is gone");
    expect_in_step();
}

TEST_F(AsteriskAudio, Talks20TimesInOneCall) {
    int talks = 0;
    auto handler = [&](AudioLine& line) -> asio::awaitable<void> {
        Seen seen;
        co_await listen(line, seen, 2);
        talks += seen.loud == 2 ? 1 : 0;
    };
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        for (int i = 0; i < 20; ++i) {
            co_await talk(call, handler);
            co_await call.execute(Noop());
        }
    };
    serve(flow);
    auto call = plan();
    call.audio = "tone";
    EXPECT_EQ(asterisk_.place(call).agistatus, "SUCCESS");
    EXPECT_EQ(talks, 20);
    finish();
    expect_nothing_wrong();
}

TEST_F(AsteriskAudio, HoldsManyTalksAtOnce) {
    const std::size_t calls = test::audio_full() ? 200 : 50;
    std::atomic<std::size_t> heard = 0;
    auto handler = [&](AudioLine& line) -> asio::awaitable<void> {
        Seen seen;
        co_await listen(line, seen, 100);
        heard += seen.loud == 100 ? 1 : 0;
    };
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        co_await talk(call, handler);
        co_await call.execute(Noop());
    };
    serve(flow);
    auto call = plan();
    call.audio = "tone";
    for (const auto& outcome : asterisk_.place(call, calls, calls, 60s))
        EXPECT_EQ(outcome.agistatus, "SUCCESS");
    EXPECT_EQ(heard, calls);
    finish();
    expect_nothing_wrong();
}

/// Before the connection, during it, while it ends: whatever comes first.
TEST_F(AsteriskAudio, LeavesNothingOpenWhenCallersHangUpAtAnyTime) {
    const int calls = test::audio_full() ? 1000 : 200;
    std::atomic<int> ended = 0, hung_up = 0;
    auto handler = [&](AudioLine& line) -> asio::awaitable<void> {
        Seen seen;
        co_await listen(line, seen, 10);
    };
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        try {
            while (true)
                co_await talk(call, handler);
        } catch (const AGIHangup&) {
            ++hung_up;
        }
        ++ended;
    };
    serve(flow);
    auto call = plan();
    call.audio = "tone";
    hang_up_at_any_time(call, calls, 100ms);
    EXPECT_EQ(ended, calls);
    EXPECT_EQ(hung_up, calls);
}

}  // namespace
}  // namespace costrix::agi
