// SPDX-License-Identifier: MIT
// Audio with SIP callers, measured: drift, heard() against the far end, and barge-in by voice.
// A few seconds by default; with COSTRIX_AUDIO_FULL=1 the numbers of docs/performance.md.
#include "asterisk/audio_figures.hpp"
#include "asterisk/sip_audio_fixture.hpp"

#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/asio.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using test::audio_full;
using test::Figures;
using test::hear_loud;
using test::is_loud;
using test::RtpStream;
using test::tone_of;
using Clock = std::chrono::steady_clock;
using Samples = std::vector<std::int16_t>;

double milliseconds(Clock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

class AsteriskAudioFigures : public test::SipAudioTest {
protected:
    /// Calls all of these users, so many at a time, and waits until the calls are over.
    ///
    /// `audio` has each caller's stream, by name; a handler looks it up by its path.
    void call_all(const std::vector<std::string>& users, std::size_t at_once) {
        for (const auto& user : users) {
            asterisk_.expect(user);
            phones_[user] = std::make_unique<RtpStream>();
        }
        for (std::size_t i = 0; i < users.size() + at_once; ++i) {
            if (i >= at_once)
                asterisk_.wait(users[i - at_once], 20min);
            if (i < users.size())
                phone_.call(users[i], std::to_string(server_.port()), phones_[users[i]].get());
        }
        finish();
        expect_nothing_wrong();
    }
    static std::vector<std::string> users(const std::string& prefix, int count) {
        std::vector<std::string> names;
        for (int i = 0; i < count; ++i)
            names.push_back(prefix + std::to_string(i));
        return names;
    }

    std::map<std::string, std::unique_ptr<RtpStream>> phones_;  // not changed while calls run
    std::mutex mutex_;                                          // guards what handlers note
};

// --- no drift ------------------------------------------------------------------------------------

struct Beat {
    std::size_t sample;  // of all that came
    Clock::time_point at;
};

/// A tenth of a second of tone, and silence.
Samples beat_of(unsigned rate) {
    Samples samples(rate);
    const double step = 2 * 3.141592653589793 * 440 / rate;
    for (std::size_t i = 0; i < rate / 10; ++i)
        samples[i] = static_cast<std::int16_t>(10000 * std::sin(step * static_cast<double>(i)));
    return samples;
}

/// Where each beat begins.
std::vector<Beat> beats_in(const std::vector<RtpStream::Packet>& packets) {
    std::vector<Beat> beats;
    std::size_t sample = 0, loud = 0;  // the last loud sample
    for (const auto& packet : packets) {
        for (const auto value : packet.samples) {
            ++sample;
            if (std::abs(value) < 3000)
                continue;
            if (beats.empty() || sample - loud > 2000)
                beats.push_back({sample, packet.at});
            loud = sample;
        }
    }
    return beats;
}

/// Says a beat a second; never waits with an empty queue.
asio::awaitable<void> say_beats(AudioLine& line, unsigned rate, int count) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const auto beat = beat_of(rate);
    for (int i = 0; i < count; ++i) {
        EXPECT_EQ(line.write(beat, rate), beat.size());
        while (line.written() - line.heard() > 2 * std::uint64_t{rate}) {
            timer.expires_after(100ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
    }
    EXPECT_TRUE(co_await line.drained());
    EXPECT_EQ(line.heard(), static_cast<std::uint64_t>(count) * rate);
}

TEST_F(AsteriskAudioFigures, TalksDoNotDriftAtAnyRate) {
    const int seconds = audio_full() ? 600 : 4;
    std::map<std::string, AudioLineCounters> counters;
    serve([&](AGI& call, const Request& request) -> asio::awaitable<void> {
        const std::string user(request.path);
        const auto rate = static_cast<unsigned>(std::stoi(user.substr(user.find('-') + 1)));
        auto handler = [&](AudioLine& line) -> asio::awaitable<void> {
            co_await say_beats(line, rate, seconds);
            const std::scoped_lock lock(mutex_);
            counters[user] = line.counters();
        };
        co_await talk(call, handler);
    });
    std::vector<std::string> users;
    for (const auto rate : kAudioRates)
        users.push_back("drift-" + std::to_string(rate));
    call_all(users, users.size());
    for (const auto& user : users) {
        const auto beats = beats_in(phones_[user]->take_received());
        ASSERT_EQ(beats.size(), static_cast<std::size_t>(seconds)) << user;
        const auto samples = static_cast<int>(beats.back().sample - beats.front().sample);
        const auto drift = samples - (seconds - 1) * 8000;
        EXPECT_LE(std::abs(drift), 160) << user << ": more than a frame";
        const auto time = beats.back().at - beats.front().at - std::chrono::seconds(seconds - 1);
        std::cout << user << ": " << drift << " samples, " << milliseconds(time) << " ms, skipped "
                  << counters[user].skipped_messages << '\n';
    }
}

// --- heard() -------------------------------------------------------------------------------------

/// How many samples each sound has that came.
std::vector<std::int64_t> sounds_in(const std::vector<RtpStream::Packet>& packets) {
    std::vector<std::int64_t> sounds;
    bool loud = false;
    for (const auto& packet : packets) {
        const bool now = is_loud(packet.samples);
        if (now && !loud)
            sounds.push_back(0);
        if (now)
            sounds.back() += static_cast<std::int64_t>(packet.samples.size());
        loud = now;
    }
    return sounds;
}

/// Begins to say something, and breaks off: how much of it has gone.
asio::awaitable<std::int64_t> interrupted(AudioLine& line, std::chrono::milliseconds after) {
    asio::steady_timer timer(co_await asio::this_coro::executor, after);
    const auto before = line.written();
    line.write(tone_of(2000ms));
    co_await timer.async_wait(asio::use_awaitable);
    line.clear();
    const auto heard = static_cast<std::int64_t>(line.heard() - before);
    timer.expires_after(150ms);
    co_await timer.async_wait(asio::use_awaitable);
    co_return heard;
}

TEST_F(AsteriskAudioFigures, HeardIsWhatTheFarEndHasHeard) {
    const int calls = audio_full() ? 10 : 2, interruptions = audio_full() ? 50 : 5;
    std::map<std::string, std::vector<std::int64_t>> heard;
    serve([&](AGI& call, const Request& request) -> asio::awaitable<void> {
        std::minstd_rand random(static_cast<unsigned>(std::hash<std::string>()(request.path)));
        std::vector<std::int64_t> mine;
        auto handler = [&](AudioLine& line) -> asio::awaitable<void> {
            for (int i = 0; i < interruptions; ++i) {
                const std::chrono::milliseconds after(50 + random() % 700);
                mine.push_back(co_await interrupted(line, after));
            }
        };
        co_await talk(call, handler);
        const std::scoped_lock lock(mutex_);
        heard[request.path] = mine;
    });
    const auto callers = users("heard-", calls);
    call_all(callers, callers.size());
    Figures differences("heard() less what the far end has heard", "ms");
    for (const auto& user : callers) {
        const auto sounds = sounds_in(phones_[user]->take_received());
        ASSERT_EQ(sounds.size(), static_cast<std::size_t>(interruptions)) << user;
        for (std::size_t i = 0; i < sounds.size(); ++i) {
            const auto difference = heard[user][i] - sounds[i];
            EXPECT_LE(std::abs(difference), 160) << "more than a frame";
            differences.add(static_cast<double>(difference) / 8);
        }
    }
    std::cout << differences.text();
}

// --- barge-in ------------------------------------------------------------------------------------

struct BargeIn {
    Clock::time_point onset, heard, last_packet;
};

/// The caller speaks after some time, until which the prompt plays.
asio::awaitable<Clock::time_point>
speak_up(AudioStream& audio, RtpStream& phone, std::chrono::milliseconds after) {
    asio::steady_timer timer(co_await asio::this_coro::executor, after);
    auto wait = [](asio::steady_timer& until) { return until.async_wait(asio::use_awaitable); };
    co_await race(hear_loud(audio, 1), wait(timer));
    phone.say(tone_of(100ms));
    co_await hear_loud(audio, 1);
    co_return Clock::now();
}

asio::awaitable<BargeIn>
barge_in(AGI& call, AudioStream& audio, RtpStream& phone, std::chrono::milliseconds after) {
    const auto prompt = StreamFile("tt-monkeys");
    const auto during = co_await call.execute_during(prompt, speak_up(audio, phone, after));
    EXPECT_FALSE(during.played);
    co_await race(hear_loud(audio, 1000), call.sleep_for(200ms));
    const auto packets = phone.take_received();
    EXPECT_FALSE(packets.empty());
    co_return BargeIn{phone.onsets().back(), during.value, packets.back().at};
}

void report(const std::vector<BargeIn>& all) {
    Figures hears("from the onset's packet to the frame that the tap hears", "ms");
    Figures after("from that frame to the caller's last packet of the prompt", "ms");
    Figures last("from the onset's packet to the caller's last packet of the prompt", "ms");
    int late_frames = 0, late_packets = 0;
    for (const auto& one : all) {
        hears.add(milliseconds(one.heard - one.onset));
        after.add(milliseconds(one.last_packet - one.heard));
        last.add(milliseconds(one.last_packet - one.onset));
        late_frames += one.heard - one.onset > 25ms ? 1 : 0;
        late_packets += one.last_packet - one.heard > 25ms ? 1 : 0;
    }
    std::cout << hears.text() << after.text() << last.text()
              << "heard after more than 25 ms: " << late_frames
              << ", packets more than 25 ms later: " << late_packets << '\n';
}

TEST_F(AsteriskAudioFigures, TheCallersVoiceStopsThePrompt) {
    const int calls = audio_full() ? 100 : 2, times = audio_full() ? 10 : 3;
    std::vector<BargeIn> all;
    serve([&](AGI& call, const Request& request) -> asio::awaitable<void> {
        std::minstd_rand random(static_cast<unsigned>(std::hash<std::string>()(request.path)));
        auto& phone = *phones_.at(request.path);
        auto audio = co_await open_audio(call);
        co_await hear_loud(audio, 0);
        for (int i = 0; i < times; ++i) {
            const auto after = std::chrono::milliseconds(150 + random() % 100);
            const auto one = co_await barge_in(call, audio, phone, after);
            const std::scoped_lock lock(mutex_);
            all.push_back(one);
        }
    });
    call_all(users("barge-", calls), 2);
    ASSERT_EQ(all.size(), static_cast<std::size_t>(calls * times));
    for (const auto& one : all)
        EXPECT_GT(one.heard, one.onset) << "the caller's voice has stopped it";
    report(all);
    expect_no_taps();
}

}  // namespace
}  // namespace costrix::agi
