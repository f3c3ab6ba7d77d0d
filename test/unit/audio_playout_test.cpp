// SPDX-License-Identifier: MIT
// What is queued for the caller, when it is due, and what was heard: pure functions of samples and
// times.
#include "audio/playout_queue.hpp"
#include "audio/received_audio.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace costrix::agi::detail {
namespace {

using namespace std::chrono_literals;
using Samples = std::vector<std::int16_t>;

Samples counting(std::size_t size, std::int16_t first = 1) {
    Samples samples(size);
    std::iota(samples.begin(), samples.end(), first);
    return samples;
}

/// The samples of the next message; nothing where silence is due.
Samples next(PlayoutQueue& queue, unsigned rate = 8000) {
    std::string bytes;
    Samples samples;
    if (!queue.take_message(bytes))
        return samples;
    AudioMessageReader reader;
    std::string_view input = bytes;
    EXPECT_EQ(reader.next(input), AudioMessageReader::Event::message);
    EXPECT_EQ(reader.message().sample_rate, rate);
    EXPECT_TRUE(input.empty());
    reader.message().append_samples_to(samples);
    return samples;
}

Samples silence_after(Samples samples, std::size_t size) {
    samples.resize(size);
    return samples;
}

TEST(PlayoutQueue, CutsMessagesOf20Milliseconds) {
    PlayoutQueue queue(5s);
    EXPECT_EQ(next(queue), Samples());
    EXPECT_EQ(queue.push(counting(320), 8000), 320U);
    EXPECT_EQ(next(queue), counting(160));
    EXPECT_EQ(queue.queued(), 160U);
    EXPECT_EQ(queue.taken(), 160U);
    EXPECT_EQ(next(queue), counting(160, 161));
    EXPECT_EQ(next(queue), Samples());
    EXPECT_EQ(queue.taken(), 320U);
}

TEST(PlayoutQueue, HasRoomForAMessageWhateverItIsGiven) {
    PlayoutQueue queue(0s);
    EXPECT_EQ(queue.push(Samples(1000, 1), 8000), 160U);
    EXPECT_EQ(next(queue), Samples(160, 1));
    EXPECT_EQ(queue.push(Samples(1000, 2), 8000), 160U);
}

TEST(PlayoutQueue, FillsTheLastMessageWithSilenceAfterWaitingOnce) {
    PlayoutQueue queue(5s);
    queue.push(counting(200), 8000);
    EXPECT_EQ(next(queue), counting(160));
    EXPECT_EQ(next(queue), Samples()) << "more may come";
    EXPECT_EQ(next(queue), silence_after(counting(40, 161), 160));
    EXPECT_EQ(queue.taken(), 200U);
    EXPECT_EQ(next(queue), Samples());
}

TEST(PlayoutQueue, HoldsNothingBackOfASoundThatIsComplete) {
    PlayoutQueue queue(5s);
    queue.push(counting(200), 8000);
    queue.complete();
    EXPECT_EQ(next(queue), counting(160));
    EXPECT_EQ(next(queue), silence_after(counting(40, 161), 160)) << "without a gap before it";
    queue.push(counting(40), 8000);
    EXPECT_EQ(next(queue), Samples()) << "another sound has begun";
}

/// The echo of a phone that sends 30 ms at a time.
TEST(PlayoutQueue, MakesNoHolesOfPacketsOf30Milliseconds) {
    PlayoutQueue queue(5s);
    int silent = 0;
    for (auto time = 0ms; time < 3000ms; time += 10ms) {
        if (time % 30ms == 0ms)
            queue.push(counting(240), 8000);
        if (time % 20ms == 0ms && next(queue).empty())
            ++silent;
    }
    EXPECT_EQ(silent, 1) << "at the beginning";
    EXPECT_LE(queue.queued(), 320U);
}

TEST(PlayoutQueue, ChangesTheRateWhereItIsTold) {
    PlayoutQueue queue(5s);
    queue.push(counting(200), 8000);
    queue.push(counting(1000), 44100);
    EXPECT_EQ(next(queue), counting(160));
    EXPECT_EQ(next(queue), silence_after(counting(40, 161), 160));
    EXPECT_EQ(next(queue, 44100), counting(882));
    EXPECT_EQ(next(queue, 44100), Samples());
    EXPECT_EQ(next(queue, 44100), silence_after(counting(118, 883), 882));
    EXPECT_EQ(queue.taken(), 1200U);
}

TEST(PlayoutQueue, TakesNoMoreThanItsTime) {
    PlayoutQueue queue(1s);
    EXPECT_EQ(queue.push(counting(6000), 8000), 6000U);
    EXPECT_EQ(queue.push(counting(20000), 48000), 12000U) << "the quarter of a second that is left";
    EXPECT_EQ(queue.push(counting(1), 8000), 0U);
    EXPECT_EQ(next(queue).size(), 160U);
    EXPECT_EQ(queue.push(counting(1000), 8000), 160U);
    EXPECT_EQ(queue.clear(), 6000U - 160 + 12000 + 160);
    EXPECT_EQ(queue.queued(), 0U);
    EXPECT_EQ(next(queue), Samples());
    EXPECT_EQ(queue.push(counting(9000), 8000), 8000U);
}

TEST(PlayoutQueue, KnowsToTheSampleWhatHasGone) {
    std::mt19937 random(1);
    PlayoutQueue queue(5s);
    std::uint64_t written = 0, cleared = 0;
    for (int i = 0; i < 10000; ++i) {
        written += queue.push(counting(random() % 700), random() % 8 ? 8000 : 16000);
        for (auto left = random() % 4; left > 0; --left) {
            std::string bytes;
            queue.take_message(bytes);
        }
        if (random() % 5 == 0)
            cleared += queue.clear();
        ASSERT_EQ(queue.taken() + queue.queued() + cleared, written);
    }
}

TEST(PlayoutClock, HasOneMessageEvery20Milliseconds) {
    const PlayoutClock::Time start(1h);
    PlayoutClock clock(start);
    EXPECT_EQ(clock.take(start - 1ms).messages, 0);
    EXPECT_EQ(clock.take(start).messages, 1);
    EXPECT_EQ(clock.take(start + 19ms).messages, 0);
    EXPECT_EQ(clock.take(start + 27ms).messages, 1);
    EXPECT_EQ(clock.next(), start + 40ms) << "by absolute times";
    EXPECT_EQ(clock.take(start + 40ms).messages, 1);
}

TEST(PlayoutClock, DoesNotDriftWhenEachTurnIsLate) {
    const PlayoutClock::Time start(1h);
    PlayoutClock clock(start);
    std::mt19937 random(1);
    std::int64_t messages = 0;
    while (clock.next() < start + 600s)
        messages += clock.take(clock.next() + std::chrono::milliseconds(random() % 20)).messages;
    EXPECT_EQ(messages, 30000);
}

TEST(PlayoutClock, CatchesUpWith60MillisecondsAndSkipsTheRest) {
    const PlayoutClock::Time start(1h);
    PlayoutClock clock(start);
    auto due = clock.take(start + 45ms);
    EXPECT_EQ(due.messages, 3);
    EXPECT_EQ(due.skipped, 0);
    due = clock.take(start + 60ms + 1s);
    EXPECT_EQ(due.messages, 3);
    EXPECT_EQ(due.skipped, 48);
    EXPECT_EQ(clock.next(), start + 80ms + 1s);
}

AudioMessage audio(const std::string& payload) {
    return {AudioMessage::Kind::audio, 8000, payload};
}

TEST(ReceivedAudio, DropsTheOldestAndSaysHowMuch) {
    ReceivedAudio received(100ms);
    for (char name = 'a'; name <= 'h'; ++name)
        received.add_audio(audio(std::string(320, name)));
    EXPECT_EQ(received.lost(), 480U);
    AudioFrame frame;
    ASSERT_TRUE(received.take_frame(frame));
    EXPECT_EQ(frame.lost, 480U);
    EXPECT_EQ(frame.samples, Samples(160, 0x6464)) << "the fourth";
    ASSERT_TRUE(received.take_frame(frame));
    EXPECT_EQ(frame.lost, 0U);
    EXPECT_EQ(frame.samples, Samples(160, 0x6565));
    received.clear();
    EXPECT_FALSE(received.take_frame(frame));
}

TEST(ReceivedAudio, KeepsAFrameThatIsLongerThanItsBuffer) {
    ReceivedAudio received(10ms);
    received.add_audio(audio(std::string(320, 'a')));
    received.add_audio(audio(std::string(480, 'b')));
    AudioFrame frame;
    ASSERT_TRUE(received.take_frame(frame));
    EXPECT_EQ(frame.lost, 160U);
    EXPECT_EQ(frame.samples.size(), 240U);
    EXPECT_FALSE(received.take_frame(frame));
}

TEST(ReceivedAudio, KeepsTheFirst256Keys) {
    ReceivedAudio received(1s);
    for (int i = 0; i < 300; ++i)
        received.add_key(i == 0 ? '1' : '2');
    EXPECT_EQ(received.take_key(), '1');
    int left = 0;
    while (received.take_key())
        ++left;
    EXPECT_EQ(left, 255);
}

}  // namespace
}  // namespace costrix::agi::detail
