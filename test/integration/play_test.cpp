// SPDX-License-Identifier: MIT
// play() and record(): the test plays Asterisk on both connections, and sets the call's clock.
#include "support/talk_test.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using test::AudioPeer;
using Pcm = test::Samples;
using StoppedBy = RecordedSound::StoppedBy;

std::string key_message(char key) {
    std::string bytes;
    append_key(bytes, key);
    return bytes;
}

struct SlowSink {
    asio::awaitable<void> operator()(std::span<const std::int16_t> samples) {
        all->insert(all->end(), samples.begin(), samples.end());
        co_await call->sleep_for(1s);
    }
    AGI* call;
    Pcm* all;
};

class OwnSoundTest : public test::AudioCallTest {
protected:
    /// Starts work on the call, and connects its audio; time stands still.
    template <class T>
    void begin(asio::awaitable<T> work, std::optional<T>& result) {
        stop_clock();
        auto keep = [](asio::awaitable<T> todo, std::optional<T>& kept) -> asio::awaitable<void> {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            kept = co_await std::move(todo);
        };
        task_ = start(keep(std::move(work), result));
        connect();
    }
    void connect() {
        const auto before = counters().connected;
        const auto [uuid, port] = told();
        peer_ = std::make_unique<AudioPeer>(port);
        peer_->send(test::identity(uuid));
        EXPECT_TRUE(run_until([&] { return counters().connected == before + 1; }));
        run();
    }
    /// Lets time pass until the line has been ended by us, and answers EXEC.
    void finish() {
        EXPECT_TRUE(run_until([&] {
            pass(20ms);
            return peer_->ended();
        }));
        asterisk("200 result=0\n");
        EXPECT_TRUE(task_->done());
    }
    /// The caller hangs up.
    void hang_up() {
        peer_->close();
        asterisk("200 result=-1\nHANGUP\n");
        EXPECT_TRUE(wait_for(*task_));
    }
    /// The session is in step.
    void expect_in_step() {
        auto ask = [](AGI& call, bool& right) -> asio::awaitable<void> {
            const auto next = co_await call.execute(GetVariable("NEXT"));
            right = next == "42";
        };
        bool right = false;
        const auto next = start(ask(call(), right));
        EXPECT_EQ(sent(), "GET VARIABLE \"NEXT\"\n");
        asterisk("200 result=1 (42)\n");
        EXPECT_TRUE(right);
    }
    /// Keeps what it is given.
    auto sink() {
        return [this](std::span<const std::int16_t> samples) {
            stored_.insert(stored_.end(), samples.begin(), samples.end());
        };
    }
    void send_audio(std::size_t samples, std::int16_t sample = 5) {
        for (std::size_t size = 0; samples > 0; samples -= size) {
            size = std::min<std::size_t>(samples, 160);
            peer_->send(test::audio(Pcm(size, sample)));
        }
    }
    /// The caller says so many samples, and they are recorded.
    void say(std::size_t samples, std::int16_t sample = 5) {
        const auto all = stored_.size() + samples;
        send_audio(samples, sample);
        EXPECT_TRUE(run_until([&] { return stored_.size() == all; }));
    }

    std::unique_ptr<AudioPeer> peer_;
    std::shared_ptr<test::Task> task_;
    std::optional<PlayedSound> played_;
    std::optional<RecordedSound> recorded_;
    Pcm stored_;
};

// --- play() --------------------------------------------------------------------------------------

TEST_F(OwnSoundTest, PlaysSamplesFromMemory) {
    begin(play(call(), Pcm(400, 7)), played_);
    finish();
    ASSERT_TRUE(played_);
    EXPECT_FALSE(played_->key);
    EXPECT_EQ(played_->samples, 400U);
    EXPECT_TRUE(peer_->has(Pcm(160, 7)));
    auto rest = Pcm(80, 7);
    rest.resize(160);
    EXPECT_TRUE(peer_->has(rest));
    expect_in_step();
}

TEST_F(OwnSoundTest, StopsAtAKey) {
    begin(play(call(), Pcm(80000, 7), "12"), played_);
    pass(200ms);
    peer_->send(key_message('3'));
    peer_->send(key_message('2'));
    EXPECT_TRUE(run_until([&] { return peer_->ended(); }));
    asterisk("200 result=0\n");
    ASSERT_TRUE(played_);
    EXPECT_EQ(played_->key, '2');
    EXPECT_EQ(played_->samples, 10 * 160U);
    expect_in_step();
}

TEST_F(OwnSoundTest, PlaysWhatIsMadeMeanwhile) {
    auto make = [made = 0]() mutable -> Pcm {
        ++made;
        return made > 3 ? Pcm() : Pcm(320, static_cast<std::int16_t>(made));
    };
    begin(play(call(), Sound(make, 16000)), played_);
    finish();
    EXPECT_EQ(played_->samples, 960U);
    EXPECT_EQ(peer_->take(), (std::vector<Pcm>{Pcm(320, 1), Pcm(320, 2), Pcm(320, 3)}));
    expect_in_step();
}

/// A coroutine that makes 20 ms, each after 100 ms.
struct SlowVoice {
    asio::awaitable<Pcm> operator()() {
        co_await call->sleep_for(100ms);
        co_return ++made > 3 ? Pcm() : Pcm(160, made);
    }
    AGI* call;
    std::int16_t made = 0;
};

TEST_F(OwnSoundTest, WaitsForACoroutineThatMakesIt) {
    begin(play(call(), SlowVoice{&call()}), played_);
    finish();
    EXPECT_EQ(played_->samples, 480U);
    EXPECT_TRUE(peer_->has(Pcm(160, 3)));
    EXPECT_GE(peer_->messages(), 15U) << "with silence in between";
    expect_in_step();
}

TEST_F(OwnSoundTest, EndsWithTheCallAndItsSource) {
    struct Endless {
        asio::awaitable<Pcm> operator()() {
            co_await call->sleep_for(1h);
            co_return Pcm();
        }
        AGI* call;
        std::shared_ptr<int> alive = std::make_shared<int>();
    };
    Endless source{&call()};
    const std::weak_ptr<int> alive = source.alive;
    begin(play(call(), std::move(source)), played_);
    hang_up();
    EXPECT_TRUE(task_->threw<AGIResultHangup>()) << task_->what();
    EXPECT_TRUE(alive.expired());
}

TEST_F(OwnSoundTest, RethrowsWhatItsSourceThrows) {
    auto fail = []() -> Pcm { throw std::runtime_error("no voice"); };
    begin(play(call(), fail), played_);
    finish();
    EXPECT_EQ(task_->what(), "no voice");
    expect_in_step();
}

TEST_F(OwnSoundTest, IsCancelled) {
    begin(play(call(), Pcm(80000, 7)), played_);
    pass(100ms);
    task_->cancel.emit(asio::cancellation_type::total);
    finish();
    EXPECT_TRUE(task_->threw<costrix::system_error>()) << task_->what();
    expect_in_step();
}

TEST_F(OwnSoundTest, RefusesARateBeforeAnythingIsSent) {
    EXPECT_THROW(Sound(Pcm(), 22050), AGIUsageError);
    auto environment = test::plain_environment();
    const std::string version = "agi_version: 22.10.1";
    environment.replace(environment.find(version), version.size(), "agi_version: 20.16.0");
    open(environment);
    auto flow = [](AGI& call) -> asio::awaitable<void> {
        const Sound sound(Pcm(160), 16000);
        co_await play(call, sound);
    };
    const auto task = start(flow(call()));
    EXPECT_TRUE(task->threw<AGIUsageError>());
    EXPECT_EQ(sent(), "");
}

TEST_F(OwnSoundTest, IsAPartOfAPrompt) {
    std::optional<Asked> asked;
    auto ask = Ask(Prompt(Sound(Pcm(8000, 7)), "vm-goodbye")).digits(1);
    begin(ask.run(call()), asked);
    pass(100ms);
    peer_->send(key_message('4'));
    EXPECT_TRUE(run_until([&] { return peer_->ended(); }));
    asterisk("200 result=0\n");
    ASSERT_TRUE(asked) << sent();
    EXPECT_EQ(asked->digits, "4");
    expect_in_step();
}

TEST(Sound, ItsSourceServesOneCopyAtATime) {
    asio::io_context context;
    asio::steady_timer ready(context, asio::steady_timer::time_point::max());
    auto make = [&ready]() -> asio::awaitable<Pcm> {
        co_await ready.async_wait(as_tuple(asio::use_awaitable));
        co_return Pcm(160, 7);
    };
    const Sound sound(make);
    const auto next = [&context](const Sound& copy) {
        auto made = asio::co_spawn(context, copy.next(), asio::use_future);
        context.restart();
        context.poll();
        return made;
    };
    auto first = next(sound), second = next(Sound(sound));
    EXPECT_THROW(second.get(), AGIUsageError);
    ready.cancel();
    context.restart();
    context.poll();
    EXPECT_EQ(first.get(), Pcm(160, 7));
    auto third = next(sound);
    ready.cancel();
    context.restart();
    context.poll();
    EXPECT_EQ(third.get(), Pcm(160, 7));
}

TEST_F(OwnSoundTest, PlaysAgainInAPromptThatIsRepeated) {
    std::optional<Asked> asked;
    auto ask = Ask(Prompt(Sound(Pcm(320, 7)))).digits(1).attempts(2).first_key(1ms);
    begin(ask.run(call()), asked);
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(run_until([&] {
            pass(20ms);
            return peer_->ended();
        }));
        EXPECT_EQ(peer_->take().front(), Pcm(160, 7)) << i;
        asterisk("200 result=0\n");
        EXPECT_EQ(sent().substr(0, 14), "WAIT FOR DIGIT");
        asterisk("200 result=0\n");
        if (i == 0)
            connect();
    }
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->end, AnswerEnd::silence);
}

// --- record() ------------------------------------------------------------------------------------

TEST_F(OwnSoundTest, RecordsUntilAKey) {
    begin(record(call(), sink(), RecordLimits().ends_with("#")), recorded_);
    say(400);
    peer_->send(key_message('1'));
    peer_->send(key_message('#'));
    finish();
    ASSERT_TRUE(recorded_);
    EXPECT_EQ(recorded_->stopped_by, StoppedBy::key);
    EXPECT_EQ(recorded_->key, '#');
    EXPECT_EQ(recorded_->endpos.count(), 400);
    EXPECT_EQ(stored_, Pcm(400, 5));
    expect_in_step();
}

TEST_F(OwnSoundTest, RecordsNoLongerThanTheLimitToTheSample) {
    begin(record(call(), sink(), RecordLimits().longest(100ms)), recorded_);
    send_audio(800 + 60);
    EXPECT_TRUE(run_until([&] { return peer_->ended(); }));
    finish();
    EXPECT_EQ(recorded_->stopped_by, StoppedBy::timeout);
    EXPECT_EQ(recorded_->endpos.count(), 800);
    EXPECT_EQ(stored_.size(), 800U);
    expect_in_step();
}

TEST_F(OwnSoundTest, TakesAnyLengthForALimit) {
    const auto longest = RecordLimits().longest(std::chrono::milliseconds::max()).ends_with("#");
    begin(record(call(), sink(), longest), recorded_);
    say(160);
    peer_->send(key_message('#'));
    finish();
    EXPECT_EQ(recorded_->endpos.count(), 160);
}

TEST_F(OwnSoundTest, EndsInTimeWhereThePhoneSuppressesSilence) {
    begin(record(call(), sink(), RecordLimits().longest(10s)), recorded_);
    say(160);
    pass(9980ms);
    EXPECT_FALSE(peer_->ended());
    pass(40ms);
    finish();
    EXPECT_EQ(recorded_->stopped_by, StoppedBy::timeout);
    EXPECT_EQ(recorded_->endpos.count(), 160);
    expect_in_step();
}

TEST_F(OwnSoundTest, EndsAfterASilence) {
    begin(record(call(), sink(), RecordLimits().silence(2s)), recorded_);
    pass(1900ms);
    say(160, 300);
    pass(1900ms);
    say(160, 200);
    EXPECT_FALSE(peer_->ended());
    pass(140ms);
    finish();
    EXPECT_EQ(recorded_->stopped_by, StoppedBy::silence);
    EXPECT_EQ(recorded_->endpos.count(), 320);
    expect_in_step();
}

TEST_F(OwnSoundTest, AHangupIsTheEndOfARecording) {
    begin(record(call(), sink()), recorded_);
    say(400);
    hang_up();
    ASSERT_TRUE(recorded_) << task_->what();
    EXPECT_EQ(recorded_->stopped_by, StoppedBy::hangup);
    EXPECT_EQ(recorded_->endpos.count(), 400);
    auto next = [](AGI& call) -> asio::awaitable<void> { co_await call.execute(Noop()); };
    EXPECT_TRUE(start(next(call()))->threw<AGIHangup>());
}

TEST_F(OwnSoundTest, AHangupBeforeARecordingIsNoRecording) {
    auto flow = [](AGI& call) -> asio::awaitable<void> {
        auto drop = [](std::span<const std::int16_t>) {};
        auto recording = record(call, drop);
        co_await std::move(recording);
    };
    const auto task = start(flow(call()));
    told();
    asterisk("200 result=-1\nHANGUP\n");
    EXPECT_TRUE(wait_for(*task));
    EXPECT_TRUE(task->threw<AGIHangup>()) << task->what();
}

TEST_F(OwnSoundTest, WaitsForASlowSinkAndCountsWhatThatLoses) {
    const auto limits = RecordLimits().ends_with("#");
    const auto options = AudioOptions().buffer(40ms);
    begin(record(call(), SlowSink{&call(), &stored_}, limits, options), recorded_);
    say(160);
    send_audio(640, 6);
    bool stored = false;
    EXPECT_TRUE(run_until([&] {
        pass(1s);
        stored = stored_.size() >= 480U;
        return stored;
    }));
    peer_->send(key_message('#'));
    finish();
    EXPECT_EQ(recorded_->endpos.count(), 480);
    EXPECT_EQ(recorded_->lost, 320U);
    expect_in_step();
}

TEST_F(OwnSoundTest, GivesASlowSinkAllThatCameBeforeTheKey) {
    const auto limits = RecordLimits().ends_with("#").longest(10s).silence(9s);
    begin(record(call(), SlowSink{&call(), &stored_}, limits), recorded_);
    const auto frame = test::audio(Pcm(160, 5));
    peer_->send(frame + frame + frame + key_message('#'));  // which come at once
    EXPECT_TRUE(run_until([&] { return peer_->ended(); })) << "the line does not wait for the sink";
    EXPECT_EQ(stored_.size(), 160U);
    asterisk("200 result=0\n");
    peer_->close();
    EXPECT_TRUE(run_until([&] {
        pass(1s);
        return task_->done();
    }));
    ASSERT_TRUE(recorded_) << task_->what();
    EXPECT_EQ(recorded_->stopped_by, StoppedBy::key);
    EXPECT_EQ(recorded_->key, '#');
    EXPECT_EQ(recorded_->endpos.count(), 480);
    EXPECT_EQ(recorded_->lost, 0U);
    EXPECT_EQ(stored_, Pcm(480, 5));
    expect_in_step();
}

TEST_F(OwnSoundTest, CountsWhatASinkDoesNotTakeInTime) {
    auto stuck = [this](std::span<const std::int16_t>) -> asio::awaitable<void> {
        co_await call().sleep_for(24h);
    };
    const auto options = AudioOptions().buffer(2s);
    begin(record(call(), stuck, RecordLimits().longest(90ms), options), recorded_);
    send_audio(800);
    run();
    pass(100ms);  // the limit, by the clock
    EXPECT_TRUE(run_until([&] { return peer_->ended(); }));
    asterisk("200 result=0\n");
    peer_->close();
    pass(1900ms);
    EXPECT_FALSE(task_->done());
    pass(200ms);
    ASSERT_TRUE(recorded_) << task_->what();
    EXPECT_EQ(recorded_->stopped_by, StoppedBy::timeout);
    EXPECT_EQ(recorded_->endpos.count(), 0);
    EXPECT_EQ(recorded_->lost, 720U);
    expect_in_step();
}

/// Asterisk closes the audio before it replies, but the network may deliver that the other way
/// round.
TEST_F(OwnSoundTest, RecordsWhatHadComeBeforeTheReplyToAHangup) {
    begin(record(call(), SlowSink{&call(), &stored_}), recorded_);
    const auto frame = test::audio(Pcm(160, 5));
    peer_->send(frame + frame + frame);  // which come at once
    EXPECT_TRUE(run_until([&] { return !stored_.empty(); }));
    asterisk("200 result=-1\nHANGUP\n");
    peer_->close();
    EXPECT_TRUE(run_until([&] {
        pass(1s);
        return task_->done();
    }));
    ASSERT_TRUE(recorded_) << task_->what();
    EXPECT_EQ(recorded_->stopped_by, StoppedBy::hangup);
    EXPECT_EQ(recorded_->endpos.count(), 480);
}

TEST_F(OwnSoundTest, DoesNotTakeASlowSinkForSilence) {
    const auto limits = RecordLimits().silence(500ms);
    begin(record(call(), SlowSink{&call(), &stored_}, limits), recorded_);
    const auto frame = test::audio(Pcm(160, 1000));
    peer_->send(frame + frame);  // which come at once
    EXPECT_TRUE(run_until([&] { return !stored_.empty(); }));
    pass(1100ms);
    EXPECT_EQ(stored_.size(), 320U) << "the caller has not been silent";
    finish();
    EXPECT_EQ(recorded_->stopped_by, StoppedBy::silence);
}

TEST_F(OwnSoundTest, RethrowsWhatItsSinkThrows) {
    auto fail = [](std::span<const std::int16_t>) { throw std::runtime_error("the disk is full"); };
    begin(record(call(), fail), recorded_);
    peer_->send(test::audio(Pcm(160, 5)));
    finish();
    EXPECT_EQ(task_->what(), "the disk is full");
    expect_in_step();
}

}  // namespace
}  // namespace costrix::agi
