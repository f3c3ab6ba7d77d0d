// SPDX-License-Identifier: MIT
// An audio line on a clock that the test sets, over a transport without sockets.
#include "audio/audio_connection.hpp"
#include "support/scripted_transport.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using detail::AudioConnection;
using Kind = AudioMessage::Kind;
using Samples = std::vector<std::int16_t>;
using Messages = std::vector<Samples>;

const Samples kSilent(160);

class AudioLineTest : public ::testing::Test {
protected:
    AudioLineTest() { open(5s); }
    ~AudioLineTest() override {
        line_.reset();
        transport_->end();
        run();
    }

    using Output = AudioConnection::Output;
    void
    open(std::chrono::nanoseconds buffer, bool all_rates = true, Output output = Output::played) {
        line_.reset();
        if (transport_)
            transport_->end();
        run();
        wheel().set_time(now_);
        auto transport = std::make_unique<test::ScriptedTransport>(context_);
        transport_ = transport.get();
        connection_ = std::make_shared<AudioConnection>(std::move(transport), buffer, output);
        connection_->start();
        line_.emplace(connection_, all_rates);
    }
    detail::TimerWheel& wheel() { return asio::use_service<detail::TimerWheel>(context_); }
    void run() {
        context_.restart();
        context_.poll();
    }
    void pass(std::chrono::milliseconds time) {
        wheel().set_time(now_ += time);
        wheel().turn_by_hand();
        run();
    }
    void asterisk(const std::string& bytes) {
        transport_->receive(bytes);
        run();
    }
    static std::string audio(const Samples& samples) {
        std::string bytes;
        append_audio(bytes, samples);
        return bytes;
    }
    static std::string key(char key) {
        std::string bytes;
        append_key(bytes, key);
        return bytes;
    }
    /// The audio messages that were sent; an end is an empty one.
    Messages sent() {
        Messages messages;
        const auto bytes = transport_->take_sent();
        std::string_view input = bytes;
        while (reader_.next(input) == AudioMessageReader::Event::message) {
            messages.emplace_back();
            if (reader_.message().kind == Kind::audio)
                reader_.message().append_samples_to(messages.back());
            else
                EXPECT_EQ(reader_.message().kind, Kind::end);
        }
        EXPECT_EQ(reader_.fault(), "");
        return messages;
    }
    /// Runs a coroutine as far as it comes.
    template <class T>
    std::shared_ptr<std::optional<T>>
    start(asio::awaitable<T> work, asio::cancellation_slot slot = asio::cancellation_slot()) {
        auto result = std::make_shared<std::optional<T>>();
        auto done = [this](std::exception_ptr error) { error_ = error; };
        asio::co_spawn(
            context_, keep(std::move(work), result), asio::bind_cancellation_slot(slot, done)
        );
        run();
        return result;
    }
    template <class T>
    static asio::awaitable<void>
    keep(asio::awaitable<T> work, std::shared_ptr<std::optional<T>> result) {
        *result = co_await std::move(work);
    }

    asio::io_context context_;
    std::chrono::steady_clock::time_point now_{1h};
    test::ScriptedTransport* transport_ = nullptr;
    std::shared_ptr<AudioConnection> connection_;
    std::optional<AudioLine> line_;
    AudioMessageReader reader_;
    std::exception_ptr error_;
};

TEST_F(AudioLineTest, SendsSilenceWhenThereIsNothingToSay) {
    EXPECT_EQ(sent().size(), 0U);
    for (int i = 0; i < 100; ++i) {
        pass(i == 0 ? 10ms : 20ms);
        EXPECT_EQ(sent(), Messages{kSilent}) << i;
    }
    pass(10ms);
    EXPECT_EQ(sent().size(), 0U) << "its time has not come";
    EXPECT_EQ(line_->heard(), 0U);
}

TEST_F(AudioLineTest, SendsWhatIsWrittenInItsTime) {
    const Samples sound(400, 7);
    EXPECT_EQ(line_->write(sound), 400U);
    EXPECT_EQ(line_->written(), 400U);
    EXPECT_EQ(line_->heard(), 0U);
    pass(10ms);
    EXPECT_EQ(sent(), Messages{Samples(160, 7)});
    EXPECT_EQ(line_->heard(), 160U);
    pass(20ms);
    EXPECT_EQ(sent(), Messages{Samples(160, 7)});
    pass(20ms);
    EXPECT_EQ(sent(), Messages{kSilent}) << "the rest may be continued";
    pass(20ms);
    auto last = Samples(80, 7);
    last.resize(160);
    EXPECT_EQ(sent(), Messages{last});
    EXPECT_EQ(line_->heard(), 400U);
}

TEST_F(AudioLineTest, ClearsWhatIsNotYetSaid) {
    line_->write(Samples(1600, 7));
    pass(10ms);
    pass(20ms);
    EXPECT_EQ(line_->clear(), 1280U);
    EXPECT_EQ(line_->heard(), 320U);
    EXPECT_EQ(line_->written(), 320U);
    sent();
    pass(20ms);
    EXPECT_EQ(sent(), Messages{kSilent});
    EXPECT_EQ(line_->clear(), 0U);
}

TEST_F(AudioLineTest, CatchesUpAfterAShortStallAndSkipsAfterALongOne) {
    line_->write(Samples(8000, 7));
    pass(10ms);
    sent();
    pass(60ms);
    EXPECT_EQ(sent().size(), 3U);
    EXPECT_EQ(line_->counters().skipped_messages, 0U);
    pass(200ms);
    EXPECT_EQ(sent().size(), 3U) << "never more at once";
    EXPECT_EQ(line_->counters().skipped_messages, 7U);
    EXPECT_EQ(line_->counters().max_lateness, 180ms);
    EXPECT_EQ(line_->heard(), 7U * 160) << "nothing is lost, it is said later";
    pass(20ms);
    EXPECT_EQ(sent().size(), 1U);
}

TEST_F(AudioLineTest, DoesNotCatchUpWithSilence) {
    pass(10ms);
    sent();
    pass(60ms);
    EXPECT_EQ(sent(), Messages{kSilent});
}

TEST_F(AudioLineTest, WaitsForAnAsteriskThatDoesNotRead) {
    line_->write(Samples(16000, 7));
    transport_->limit_writes(100);
    pass(10ms);
    pass(20ms);
    pass(20ms);
    EXPECT_EQ(line_->counters().skipped_messages, 2U);
    transport_->limit_writes(1000000);
    pass(20ms);
    EXPECT_EQ(sent(), (Messages{Samples(160, 7), Samples(160, 7)})) << "whole messages";
    EXPECT_EQ(line_->heard(), 320U);
}

TEST_F(AudioLineTest, HearsTheCallerWhateverTheFrames) {
    const auto first = start(line_->read());
    EXPECT_FALSE(*first);
    asterisk(audio(Samples(160, 1)));
    ASSERT_TRUE(*first);
    EXPECT_EQ((**first)->samples, Samples(160, 1));
    asterisk(audio(Samples(240, 2)) + audio(Samples(80, 3)));
    EXPECT_EQ((**start(line_->read()))->samples, Samples(240, 2));
    EXPECT_EQ((**start(line_->read()))->samples, Samples(80, 3));
    EXPECT_FALSE(*start(line_->read()));
}

TEST_F(AudioLineTest, ReadsIntoAFrameOfTheHandlers) {
    AudioFrame frame;
    const auto first = start(line_->read(frame));
    EXPECT_FALSE(*first);
    asterisk(audio(Samples(160, 1)));
    EXPECT_EQ(*first, &frame);
    EXPECT_EQ(frame.samples, Samples(160, 1));
    const auto* const memory = frame.samples.data();
    asterisk(audio(Samples(80, 2)));
    EXPECT_EQ(*start(line_->read(frame)), &frame);
    EXPECT_EQ(frame.samples, Samples(80, 2));
    EXPECT_EQ(frame.samples.data(), memory);
    line_->end();
    EXPECT_EQ(*start(line_->read(frame)), nullptr);
}

TEST_F(AudioLineTest, ResumesAllWhoWait) {
    const auto one = start(line_->drained()), other = start(line_->drained());
    EXPECT_TRUE(*one && *other);
    line_->write(Samples(160, 7));
    const auto third = start(line_->drained()), fourth = start(line_->drained());
    EXPECT_FALSE(*third || *fourth);
    pass(10ms);
    EXPECT_TRUE(*third && *fourth);
    const auto reader = start(line_->read()), second_reader = start(line_->read());
    asterisk(audio(Samples(160, 1)));
    EXPECT_TRUE(*reader);
    EXPECT_FALSE(*second_reader) << "there was one frame";
    asterisk(audio(Samples(160, 2)));
    ASSERT_TRUE(*second_reader);
    EXPECT_EQ((**second_reader)->samples, Samples(160, 2));
}

TEST_F(AudioLineTest, CountsWhatIsNotReadInTime) {
    open(100ms);
    for (int i = 0; i < 8; ++i)
        asterisk(audio(Samples(160, 1)));
    EXPECT_EQ(line_->counters().lost_samples, 480U);
    EXPECT_EQ((**start(line_->read()))->lost, 480U);
}

TEST_F(AudioLineTest, BoundsTheFramesThatItKeeps) {
    std::string bytes;
    for (int i = 0; i < 6000; ++i)
        append_audio(bytes, Samples(1, 7), 192000);
    asterisk(bytes);
    std::size_t frames = 1;
    EXPECT_EQ((*start(line_->read()))->value().lost, 1000U);
    while (true) {
        const auto read = start(line_->read());
        if (!*read)
            break;
        ++frames;
    }
    EXPECT_EQ(frames, 5000U);
}

TEST_F(AudioLineTest, GivesKeysBesideTheAudio) {
    asterisk(key('1') + audio(Samples(160)) + key('#'));
    EXPECT_EQ(**start(line_->next_key()), '1');
    EXPECT_EQ(**start(line_->next_key()), '#');
    const auto third = start(line_->next_key());
    EXPECT_FALSE(*third);
    asterisk(key('5'));
    EXPECT_EQ(**third, '5');
}

TEST_F(AudioLineTest, IsDrainedWhenAllHasGone) {
    EXPECT_EQ(*start(line_->drained()), true);
    line_->write(Samples(320, 7));
    const auto drained = start(line_->drained());
    pass(10ms);
    EXPECT_FALSE(*drained);
    pass(20ms);
    EXPECT_EQ(*drained, true);
    line_->write(Samples(320, 7));
    const auto cleared = start(line_->drained());
    line_->clear();
    run();
    EXPECT_EQ(*cleared, true);
}

TEST_F(AudioLineTest, PlaysMoreThanItsBufferHolds) {
    open(100ms);
    EXPECT_EQ(line_->write(Samples(1000, 7)), 800U);
    line_->clear();
    const auto played = start(line_->play(Samples(8000, 7)));
    pass(10ms);
    for (int i = 1; i < 50; ++i) {
        EXPECT_FALSE(*played) << i;
        pass(20ms);
    }
    EXPECT_EQ(*played, true);
    EXPECT_EQ(sent(), Messages(50, Samples(160, 7)));
    EXPECT_EQ(line_->heard(), 8000U);
}

TEST_F(AudioLineTest, PlaysNoMoreOnceItIsCleared) {
    const auto played = start(line_->play(Samples(80000, 7)));
    pass(10ms);
    line_->clear();
    run();
    EXPECT_EQ(*played, false);
    EXPECT_EQ(line_->heard(), 160U);
    EXPECT_EQ(line_->written(), 160U);
}

TEST_F(AudioLineTest, EndsWithAMessageAndWaitsForAsteriskToClose) {
    const auto read = start(line_->read());
    line_->write(Samples(320, 7));
    const auto drained = start(line_->drained());
    line_->end();
    run();
    EXPECT_EQ(sent(), Messages{Samples()});
    EXPECT_TRUE(line_->ended());
    EXPECT_TRUE(*read);
    EXPECT_FALSE((**read));
    EXPECT_EQ(*drained, false);
    asterisk(audio(Samples(160)));
    pass(20ms);
    EXPECT_FALSE(transport_->closed()) << "a reset would look like a failure";
    EXPECT_EQ(sent().size(), 0U);
    EXPECT_EQ(line_->write(Samples(160)), 0U);
    transport_->end();
    run();
    EXPECT_TRUE(transport_->closed());
    EXPECT_EQ(wheel().next(), std::nullopt);
}

TEST_F(AudioLineTest, ClosesTheConnectionOfAnAsteriskThatDoesNot) {
    line_->end();
    pass(10ms);
    for (int i = 0; i < 48; ++i)
        pass(20ms);
    EXPECT_FALSE(transport_->closed());
    pass(40ms);
    EXPECT_TRUE(transport_->closed());
}

TEST_F(AudioLineTest, EndsWhenTheCallerHangsUp) {
    asterisk(audio(Samples(160, 1)));
    const auto key = start(line_->next_key());
    transport_->end();
    run();
    EXPECT_TRUE(*key && !**key);
    EXPECT_EQ((**start(line_->read()))->samples, Samples(160, 1)) << "what was said";
    EXPECT_FALSE(**start(line_->read()));
    EXPECT_TRUE(line_->ended());
    EXPECT_FALSE(connection_->ended_here());
    EXPECT_EQ(connection_->fault(), "Asterisk closed it");
    line_->end();
    EXPECT_EQ(sent().size(), 0U);
}

TEST_F(AudioLineTest, EndsWithTheReasonWhenAsteriskBreaksTheProtocol) {
    const std::pair<std::string, const char*> kBreaks[] = {
        {std::string("\x10\0\0", 3), "Asterisk sent an audio message of 0 bytes"},
        {std::string("\x10\xff\xfe", 3),
         "Asterisk sent an audio message of 65534 bytes, more than 32768"},
        {std::string("\x01\0\x10", 3) + std::string(16, 'u'), "Asterisk identified itself again"},
        {std::string("\xff\0\1\4", 4), "Asterisk reported an error"},
        {std::string("\0\0\0", 3), "Asterisk ended it"},
    };
    for (const auto& [bytes, why] : kBreaks) {
        open(5s);
        asterisk(bytes);
        EXPECT_TRUE(transport_->closed()) << why;
        EXPECT_EQ(connection_->fault(), why);
    }
    open(5s);
    asterisk(std::string("\x42\0\1x", 4) + audio(Samples(160, 1)));
    EXPECT_EQ(line_->counters().unknown_messages, 1U);
    EXPECT_EQ((**start(line_->read()))->samples, Samples(160, 1))
        << "what comes in a later version";
}

TEST_F(AudioLineTest, EndsWhenTheConnectionBreaks) {
    transport_->break_writes(asio::error::connection_reset);
    const auto read = start(line_->read());
    pass(10ms);
    EXPECT_TRUE(*read && !**read);
    EXPECT_TRUE(transport_->closed());
}

TEST_F(AudioLineTest, RefusesRatesThatAsteriskDoesNotTake) {
    EXPECT_EQ(line_->write(Samples(480, 7), 24000), 480U);
    EXPECT_THROW(line_->write(Samples(480), 22050), AGIUsageError);
    open(5s, false);
    EXPECT_EQ(line_->write(Samples(160, 7)), 160U);
    try {
        line_->write(Samples(480), 24000);
        ADD_FAILURE() << "was taken";
    } catch (const AGIUsageError& error) {
        EXPECT_NE(
            std::string(error.what()).find("this Asterisk takes 8000 only"), std::string::npos
        ) << error.what();
    }
}

TEST_F(AudioLineTest, LosesNothingWhenAWaitIsCancelled) {
    using Type = asio::cancellation_type;
    for (const auto type : {Type::terminal, Type::partial, Type::total}) {
        asio::cancellation_signal signal;
        auto work = [](AudioLine& line) -> asio::awaitable<std::optional<AudioFrame>> {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            co_return co_await line.read();
        };
        const auto read = start(work(*line_), signal.slot());
        signal.emit(type);
        asterisk(audio(Samples(160, 1)));
        EXPECT_TRUE(error_) << "operation_aborted";
        EXPECT_EQ((**start(line_->read()))->samples, Samples(160, 1));
    }
}

TEST(AudioConnection, EndsWithItsContext) {
    std::weak_ptr<AudioConnection> connection;
    {
        asio::io_context context;
        auto one = std::make_shared<AudioConnection>(
            std::make_unique<test::ScriptedTransport>(context), 5s
        );
        one->start();
        connection = one;
        auto wait = [](std::shared_ptr<AudioConnection> line) -> asio::awaitable<void> {
            AudioFrame frame;
            co_await AudioConnection::read(line, frame);
            ADD_FAILURE() << "resumed";
        };
        asio::co_spawn(context, wait(std::move(one)), asio::detached);
        context.poll();
    }
    EXPECT_TRUE(connection.expired());
}

// --- whispered -----------------------------------------------------------------------------------

TEST_F(AudioLineTest, WhispersThreeMessagesAheadAndNoSilence) {
    open(5s, true, Output::whispered);
    line_->write(Samples(5 * 160, 7));
    pass(140ms);
    EXPECT_EQ(sent(), Messages()) << "Asterisk does not listen yet";
    pass(60ms);
    EXPECT_EQ(sent(), Messages(3, Samples(160, 7)));
    pass(20ms);
    EXPECT_EQ(sent(), Messages(1, Samples(160, 7)));
    pass(20ms);
    EXPECT_EQ(sent(), Messages(1, Samples(160, 7)));
    pass(20ms);
    EXPECT_EQ(sent(), Messages());
    line_->write(Samples(5 * 160, 8));
    pass(20ms);
    EXPECT_EQ(sent(), Messages(2, Samples(160, 8))) << "Asterisk has one of the first still";
    EXPECT_EQ(line_->counters().skipped_messages, 0U);
}

TEST_F(AudioLineTest, CountsWhatAWhisperMissedInAStall) {
    open(5s, true, Output::whispered);
    pass(200ms);
    line_->write(Samples(20 * 160, 7));
    pass(20ms);
    EXPECT_EQ(sent().size(), 3U);
    pass(60ms);
    EXPECT_EQ(sent().size(), 3U);
    EXPECT_EQ(line_->counters().skipped_messages, 0U) << "Asterisk had enough";
    pass(200ms);
    EXPECT_EQ(sent().size(), 3U) << "never a burst of more";
    EXPECT_EQ(line_->counters().skipped_messages, 7U);
}

/// The model: Asterisk takes one message out of its queue every 20 ms.
TEST_F(AudioLineTest, NeverWhispersMoreThanAsteriskKeeps) {
    open(5s, true, Output::whispered);
    std::minstd_rand random(20);
    std::int64_t kept = 0, most = 0;
    for (int i = 0; i < 2000; ++i) {
        const auto slots = random() % 8 == 0 ? random() % 12 : 1;
        if (random() % 3 == 0)
            line_->write(Samples(random() % 1000, 7));
        if (random() % 50 == 0)
            line_->clear();
        pass(std::chrono::milliseconds(20 * slots));
        kept = std::max<std::int64_t>(kept - static_cast<std::int64_t>(slots), 0);
        kept += static_cast<std::int64_t>(sent().size());
        most = std::max(most, kept);
    }
    EXPECT_EQ(most, detail::WhisperPace::kMaxAhead);
}

}  // namespace
}  // namespace costrix::agi
