// SPDX-License-Identifier: MIT
// Recordings with audio: made in memory, on virtual time, and played again.
#include "recording/call_recording.hpp"
#include "support/talks.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/replay.hpp>
#include <costrix/testing/run_call.hpp>

#include <gtest/gtest.h>
#include <spdlog/logger.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace costrix::testing {
namespace {

using namespace std::chrono_literals;
using agi::AudioEvent;
using agi::detail::CallRecording;
using agi::detail::RecordingBudget;
using std::chrono::nanoseconds;
using test::frames_until_loud;
using test::talks;

/// Records one call by the clock of its Asterisk.
class MemoryRecorder final : public agi::Observer {
public:
    explicit MemoryRecorder(std::size_t max_audio_bytes) : max_audio_(max_audio_bytes) {}

    std::unique_ptr<agi::CallObserver> on_call(const agi::ObservedCall& call) override {
        recording_ = std::make_unique<CallRecording>(
            "x.agi", "a test", call.environment, 1 << 20, budget_, time()
        );
        return std::make_unique<Call>(*this);
    }
    /// The call's time is that of the events.
    void event(const Event& event) { now_ = event.time(); }
    const std::string& text() const { return recording_->text(); }

private:
    class Call final : public agi::CallObserver {
    public:
        explicit Call(MemoryRecorder& owner) : owner_(owner) {}
        bool wants_lines() const noexcept override { return true; }
        void on_line(bool sent, std::string_view line) override {
            owner_.recording_->add(sent, line, owner_.time());
        }
        bool wants_audio() const noexcept override { return owner_.max_audio_ > 0; }
        void on_audio(const AudioEvent& event) override {
            if (event.kind == AudioEvent::Kind::open)
                begun_ = owner_.now_ - event.position;
            owner_.now_ = std::max(owner_.now_, begun_ + event.position);
            owner_.recording_->add_audio(event, owner_.max_audio_, owner_.time());
        }
        void on_end(const agi::EndedCall&) override {
            owner_.recording_->note("script closes the connection", owner_.time());
        }

    private:
        MemoryRecorder& owner_;
        nanoseconds begun_{};
    };

    CallRecording::Time time() const { return CallRecording::Time(1h + now_); }

    std::size_t max_audio_;
    RecordingBudget budget_{64 << 20, std::make_shared<spdlog::logger>("nobody")};
    std::unique_ptr<CallRecording> recording_;
    nanoseconds now_{};
};

/// The recording of this call.
std::string record(Scenario scenario, CallFlow flow, std::size_t max_audio_bytes = 8 << 20) {
    const auto recorder = std::make_shared<MemoryRecorder>(max_audio_bytes);
    flow.observe(recorder);
    run_call(std::move(scenario), flow, [recorder](const Event& event) { recorder->event(event); });
    return recorder->text();
}

CallEnd replay_text(const std::string& text, const CallFlow& flow) {
    return conversation_of(Transcript::parse(text), "x.agi").run(flow);
}

/// Says back what it hears, for so many frames.
auto echo(std::size_t frames) {
    return [frames](agi::AudioLine& line) -> asio::awaitable<void> {
        for (std::size_t i = 0; i < frames; ++i) {
            const auto frame = co_await line.read();
            if (!frame)
                co_return;
            line.write(frame->samples);
        }
        co_await line.drained();
    };
}

Scenario caller(const Waveform& words) {
    Scenario scenario("voice");
    return scenario.speak_during("AudioSocket", words, 100ms);
}

TEST(ReplayAudio, IsHeardAsItWas) {
    const auto words = noise(300ms);
    const auto text = record(caller(words), talks(echo(50)));
    EXPECT_NE(text.find("\n[ 1 0.010000 open\n"), std::string::npos) << text.substr(0, 1000);
    EXPECT_NE(text.find("\n> SET VARIABLE \"AFTERWARDS\" \"yes\"\n"), std::string::npos);
    const auto end = replay_text(text, talks(echo(50)));
    EXPECT_FALSE(end.hung_up);
    EXPECT_EQ(end.heard.find(words), nanoseconds(630ms));
}

TEST(ReplayAudio, EndsWhenTheCallerHungUp) {
    const auto words = noise(300ms);
    std::vector<std::size_t> counts;
    auto count = [&counts](agi::AudioLine& line) -> asio::awaitable<void> {
        std::size_t frames = 0;
        while (const auto frame = co_await line.read())
            ++frames;
        counts.push_back(frames);
    };
    const auto text = record(caller(words).hang_up_during("AudioSocket", 2s), talks(count));
    const auto end = replay_text(text, talks(count));
    EXPECT_TRUE(end.hung_up);
    EXPECT_EQ(end.took, 2500ms);
    EXPECT_EQ(counts, std::vector<std::size_t>(2, 99));
}

TEST(ReplayAudio, SaysAtWhichLineSomethingElseIsHeard) {
    auto other = [](agi::AudioLine& line) -> asio::awaitable<void> {
        for (int i = 0; i < 50; ++i) {
            auto frame = co_await line.read();
            if (i >= 10)
                std::reverse(frame->samples.begin(), frame->samples.end());
            line.write(frame->samples);
        }
        co_await line.drained();
    };
    const auto text = record(caller(noise(300ms)), talks(echo(50)));
    try {
        replay_text(text, talks(other));
        FAIL() << "no mismatch";
    } catch (const Mismatch& mismatch) {
        EXPECT_EQ(mismatch.where().file(), "x.agi");
        // Of the 15 frames with sound, which begin with the sixth, the fifth is the first one.
        std::size_t line = 0, from = 0;
        for (int sent = 0; sent < 6; ++line) {
            const auto end = text.find('\n', from);
            sent += text.substr(from, end - from).find("] 1 ") == 0 ? 1 : 0;
            from = end + 1;
        }
        EXPECT_EQ(mismatch.where().line(), line) << mismatch.what();
        EXPECT_NE(mismatch.expected().find(" of audio line 1 (sample 1 "), std::string::npos)
            << mismatch.expected();
        EXPECT_EQ(mismatch.actual(), "another sound");
    }
}

TEST(ReplayAudio, NoticesWhatIsMissingAndWhatIsMore) {
    const auto text = record(caller(noise(300ms)), talks(echo(50)));
    auto nothing = [](agi::AudioLine& line) -> asio::awaitable<void> {
        for (int i = 0; i < 50; ++i)
            co_await line.read();
    };
    auto more = [](agi::AudioLine& line) -> asio::awaitable<void> {
        for (int i = 0; i < 50; ++i) {
            const auto frame = co_await line.read();
            line.write(frame->samples);
        }
        const auto tail = tone(400, 100ms).samples();
        line.write(tail);
        co_await line.drained();
    };
    const auto actual = [&](const CallFlow& flow) -> std::string {
        try {
            replay_text(text, flow);
        } catch (const Mismatch& mismatch) {
            return mismatch.actual();
        }
        return "no mismatch";
    };
    EXPECT_EQ(actual(talks(nothing)), "nothing more is heard");
    EXPECT_NE(actual(talks(more)).find(" more samples are heard"), std::string::npos);
    EXPECT_EQ(actual(talks(echo(1'000'000))), "the talk goes on");
}

TEST(ReplayAudio, HasKeysAndPacketsAsTheyCame) {
    std::vector<std::string> seen;
    auto look = [&seen](agi::AudioLine& line) -> asio::awaitable<void> {
        std::string all;
        for (int i = 0; i < 2; ++i) {
            const auto key = co_await line.next_key();
            all += key.value_or('?');
        }
        while (const auto frame = co_await line.read())
            all += ' ' + std::to_string(frame->samples.size());
        seen.push_back(std::move(all));
    };
    auto scenario = caller(noise(300ms)).packets(30ms).suppresses_silence();
    scenario.press("42", 1500ms, 300ms).hang_up_after(3s);
    const auto text = record(std::move(scenario), talks(look));
    replay_text(text, talks(look));
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[0], seen[1]);
    EXPECT_TRUE(seen[0].starts_with("42 240 240")) << seen[0];
}

/// Stops a prompt when the caller speaks, and answers.
asio::awaitable<void> barge_in(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    const auto options = agi::AudioOptions().speak(true);
    auto audio = co_await agi::open_audio(call, options);
    const auto prompt = agi::StreamFile("tt-monkeys");
    const auto heard = co_await call.execute_during(prompt, frames_until_loud(audio));
    const auto frames = std::to_string(heard.value.value_or(0));
    co_await call.execute(agi::SetVariable("FRAMES", frames));
    const auto answer = noise(200ms, 7).samples();
    audio.line().write(answer);
    co_await audio.line().drained();
}

TEST(ReplayAudio, InterruptsAPromptAtTheSamePosition) {
    Scenario scenario("voice");
    scenario.any_sound(5s).speak_during("tt-monkeys", tone(1000, 500ms), 1s);
    const auto text = record(std::move(scenario), barge_in);
    EXPECT_NE(text.find("costrix-fence"), std::string::npos) << text.substr(0, 2000);
    const auto end = replay_text(text, barge_in);
    EXPECT_EQ(end.heard.heard_of(noise(200ms, 7)).samples, 1600U);
}

TEST(ReplayAudio, GivesARecordingWithoutAudioASilentCaller) {
    const auto text = record(caller(noise(300ms)), talks(echo(50)), 0);
    EXPECT_EQ(text.find("\n["), std::string::npos);
    const auto end = replay_text(text, talks(echo(50)));
    EXPECT_FALSE(end.hung_up);
    EXPECT_EQ(end.heard.find(noise(300ms)), std::nullopt);
}

TEST(ReplayAudio, EndsWhereTheAudioWasCutOff) {
    const auto text = record(caller(noise(300ms)), talks(echo(50)), 10'000);
    EXPECT_NE(text.find("\n# audio cut off: over 10000 bytes\n"), std::string::npos);
    EXPECT_LT(text.size(), 12'000U);
    EXPECT_TRUE(replay_text(text, talks(echo(50))).hung_up);
}

TEST(ReplayAudio, SurvivesEveryKindOfEvent) {
    const std::string sound("\0\1\xff\x7f\x80\x80\n ", 8), silence(320, '\0');
    const std::vector<AudioEvent> events{
        {.kind = AudioEvent::Kind::open, .line = 1, .position = 10ms},
        {.kind = AudioEvent::Kind::samples,
         .line = 2,
         .position = 1h + 12345us,
         .sample_rate = 192000,
         .bytes = sound},
        {.kind = AudioEvent::Kind::samples,
         .sent = true,
         .line = 1,
         .position = 40ms,
         .sample_rate = 8000,
         .bytes = std::string_view(sound).substr(0, 2)},
        {.kind = AudioEvent::Kind::samples, .line = 1, .sample_rate = 8000, .bytes = silence},
        {.kind = AudioEvent::Kind::key, .line = 1, .position = 1us, .bytes = "#"},
        {.kind = AudioEvent::Kind::end, .sent = true, .line = 1, .position = 2s},
    };
    for (const auto& event : events) {
        std::string text, bytes;
        agi::append_transcript_audio(text, event);
        ASSERT_TRUE(text.starts_with(event.sent ? "] " : "[ ") && text.ends_with('\n')) << text;
        const auto read = Transcript::parse(text).records().at(0).audio(bytes);
        EXPECT_EQ(read.kind, event.kind);
        EXPECT_EQ(read.sent, event.sent);
        EXPECT_EQ(read.line, event.line);
        EXPECT_EQ(read.position, event.position) << text;
        EXPECT_EQ(read.sample_rate, event.sample_rate);
        EXPECT_EQ(read.bytes, event.bytes) << text;
    }
}

TEST(ReplayAudio, SaysWhereARecordingIsDamaged) {
    const std::vector<std::pair<std::string, std::string>> damaged{
        {"[", "line 2: character 3: the number of the line is missing"},
        {"[ x 0.000000 open", "line 2: character 3: the number of the line is not a number: x"},
        {"[ 1 0.5 open", "line 2: character 5: the position is not a number of seconds: 0.5"},
        {"[ 1 0.000000", "line 2: character 13: what passed is missing"},
        {"[ 1 0.000000 shut",
         "line 2: character 14: neither open, audio, silence, key nor end: shut"},
        {"[ 1 0.000000 open now", "line 2: character 18: there is more than was expected"},
        {"[ 1 0.000000 audio 8001 AAAA",
         "line 2: character 20: no sample rate of Asterisk's: 8001"},
        {"[ 1 0.000000 audio 8000 AA*A",
         "line 2: character 27: what is not base64 among the samples"},
        {"[ 1 0.000000 audio 8000 AAA", "line 2: character 28: the samples are cut off"},
        {"[ 1 0.000000 audio 8000 AA==", "line 2: character 25: samples of 1 bytes"},
        {"[ 1 0.000000 audio 8000 AA=A",
         "line 2: character 27: the samples go on behind their end"},
        {"[ 1 0.000000 silence 8000 0", "line 2: character 27: silence of 0 samples"},
        {"[ 1 0.000000 key E", "line 2: character 18: not a key: E"},
    };
    for (const auto& [text, what] : damaged) {
        try {
            static_cast<void>(Transcript::parse("# x\n" + text + "\n"));
            ADD_FAILURE() << text;
        } catch (const std::runtime_error& error) {
            EXPECT_EQ(error.what(), what) << text;
        }
    }
}

}  // namespace
}  // namespace costrix::testing
