// SPDX-License-Identifier: MIT
// open_audio() of a FastAGI call: the test plays Asterisk on both connections.
#include "support/audio_peer.hpp"
#include "support/session_fixture.hpp"
#include "support/talks.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using test::audio;
using test::AudioPeer;
using test::identity;
using test::refused;
using test::Samples;

const std::string kPlayTones = "EXEC \"PlayTones\" \"0\"\n";
const std::string kStopTones = "EXEC \"StopPlayTones\"\n";

class TapTest : public test::SessionTest {
protected:
    /// Opens the audio, connects it, and keeps it in audio_.
    void open_tap(const AudioOptions& options = AudioOptions()) {
        opening_ = start(take(call(), audio_, options));
        const auto before = counters().connected;
        connect(told());
        EXPECT_TRUE(run_until([&] { return counters().connected > before; }));
        run();
        asterisk("200 result=0\n");
        if (options.speak())
            expect_sent(kPlayTones);
        EXPECT_TRUE(run_until([&] { return opening_->done(); }));
        EXPECT_EQ(opening_->what(), "");
    }
    static asio::awaitable<void> take(AGI& call, AudioStream& stream, AudioOptions options) {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        stream = co_await open_audio(call, options);
    }
    struct Told {
        Uuid uuid;
        std::uint16_t port = 0;
    };
    /// What EXEC Originate says.
    Told told() {
        static const std::regex pattern(
            R"re(EXEC "Originate" "AudioSocket/127\.0\.0\.1:(\d+)/([-0-9a-f]{36})/c\((slin\d*)\),app,)re"
            R"re(ChanSpy,1\.1\\\\,(uoqw?E),,5,v\(CDR_PROP\(disable\)=1\)(C\(slin\d+\))?"\n)re"
        );
        const auto line = sent();
        std::smatch match;
        if (!std::regex_match(line, match, pattern))
            throw std::runtime_error("not EXEC Originate: " + line);
        formats_ = match[3].str() + match[5].str();
        spy_ = match[4];
        return {*Uuid::parse(match[2].str()), static_cast<std::uint16_t>(std::stoi(match[1]))};
    }
    void connect(const Told& where) {
        port_ = where.port;
        peer_ = std::make_unique<AudioPeer>(where.port);
        peer_->send(identity(where.uuid));
    }
    /// Answers each of these commands, which come in this order.
    template <class... Lines>
    void expect_sent(const Lines&... lines) {
        (expect_one(lines), ...);
    }
    void expect_one(const std::string& line) {
        std::string got;
        EXPECT_TRUE(run_until([&] { return !(got += sent()).empty(); })) << line;
        EXPECT_EQ(got, line);
        asterisk("200 result=0\n");
    }
    AudioRendezvousCounters counters() { return audio_counters(context().get_executor()); }
    template <class Condition>
    bool run_until(Condition condition) {
        const auto end = std::chrono::steady_clock::now() + 5s;
        context().restart();
        while (!condition() && std::chrono::steady_clock::now() < end)
            context().run_one_for(10ms);
        return condition();
    }
    /// What one read() gives: samples, or nothing at the end.
    std::optional<std::size_t> read() {
        std::optional<std::size_t> samples;
        auto flow = [](AudioStream& stream, std::optional<std::size_t>& size, unsigned& rate
                    ) -> asio::awaitable<void> {
            AudioFrame frame;
            const auto* const heard = co_await stream.read(frame);
            if (!heard)
                co_return;
            size = frame.samples.size();
            rate = frame.sample_rate;
        };
        const auto task = start(flow(audio_, samples, sample_rate_));
        EXPECT_TRUE(run_until([&] { return task->done(); }));
        return samples;
    }
    template <class A>
    std::shared_ptr<test::Task> execute(const A& action) {
        auto flow = [](AGI& call, A what) -> asio::awaitable<void> { co_await call.execute(what); };
        return start(flow(call(), action));
    }

    AudioStream audio_;
    std::shared_ptr<test::Task> opening_;
    std::unique_ptr<AudioPeer> peer_;
    std::uint16_t port_ = 0;
    unsigned sample_rate_ = 0;
    std::string spy_, formats_;
};

TEST_F(TapTest, HearsTheCallerWhileCommandsRun) {
    open_tap();
    EXPECT_EQ(spy_, "uoqE");
    EXPECT_TRUE(refused(port_)) << "nobody waits any more";
    EXPECT_EQ(audio_.format().sample_rate(), 8000U);
    const auto prompt = execute(StreamFile("menu"));
    EXPECT_EQ(sent(), "STREAM FILE \"menu\" \"\"\n");
    peer_->send(audio(Samples(160, 5)) + audio(Samples(160, 6)));
    EXPECT_EQ(read(), 160U);
    EXPECT_EQ(read(), 160U);
    EXPECT_FALSE(prompt->done());
    asterisk("200 result=0 endpos=100\n");
    EXPECT_TRUE(prompt->done());
    EXPECT_EQ(sent(), "") << "nothing to keep alive";
    EXPECT_EQ(peer_->messages(), 0U) << "and nothing to say";
    EXPECT_THROW(audio_.line(), AGIUsageError);
}

TEST_F(TapTest, HearsTheCallerAtOtherRates) {
    open_tap(AudioOptions().rate(16000));
    EXPECT_EQ(formats_, "slin16C(slin16)");
    EXPECT_EQ(audio_.format().sample_rate(), 16000U);
    std::string bytes;
    append_audio(bytes, Samples(320, 5), 16000);
    peer_->send(bytes);
    EXPECT_EQ(read(), 320U);
    EXPECT_EQ(sample_rate_, 16000U);
    audio_.close();
    open_tap();
    EXPECT_EQ(formats_, "slin") << "as older Asterisks know it";
}

TEST_F(TapTest, RefusesRatesThatAsteriskDoesNotHave) {
    const auto odd = start(take(call(), audio_, AudioOptions().rate(22050)));
    EXPECT_TRUE(odd->threw<AGIUsageError>());
    auto environment = test::plain_environment();
    const std::string version = "agi_version: 22.10.1";
    environment.replace(environment.find(version), version.size(), "agi_version: 18.7.0");
    open(environment);
    const auto old = start(take(call(), audio_, AudioOptions().rate(16000)));
    EXPECT_TRUE(old->threw<AGIUsageError>());
    EXPECT_EQ(sent(), "");
}

TEST_F(TapTest, TellsTheObserverOfItsStream) {
    std::vector<std::string> events;
    session().set_observer(std::make_unique<test::AudioNotes>(events));
    open_tap();
    EXPECT_EQ(events, std::vector<std::string>{"open"});
    peer_->send(std::string("\x42\0\0", 3) + audio(Samples(160, 5)));
    EXPECT_EQ(read(), 160U);
    audio_.close();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[1], "closed, unknown: 1");
    open_tap();
    asterisk("HANGUP\n");
    EXPECT_EQ(events.size(), 4U) << "by itself, at the hangup";
    session().set_observer(nullptr);
}

TEST_F(TapTest, CutsAPromptShortWhenTheCallerSpeaks) {
    open_tap();
    auto flow = [](AGI& call, AudioStream& stream, bool& cut) -> asio::awaitable<void> {
        const auto prompt = StreamFile("menu");
        auto during = co_await call.execute_during(prompt, stream.read());
        cut = during.value.has_value() && !during.played;
    };
    bool cut = false;
    const auto task = start(flow(call(), audio_, cut));
    EXPECT_EQ(sent(), "STREAM FILE \"menu\" \"\"\n");
    peer_->send(audio(Samples(160, 5)));
    std::string fence;
    EXPECT_TRUE(run_until([&] { return !(fence += sent()).empty(); }));
    EXPECT_EQ(fence, "GET FULL VARIABLE \"costrix-fence-1\"\n");
    asterisk("200 result=1 (costrix-fence-1)\n");
    EXPECT_TRUE(run_until([&] { return task->done(); }));
    EXPECT_TRUE(cut);
}

TEST_F(TapTest, IsClosedByItsOwnerAndCanBeOpenedAgain) {
    open_tap();
    peer_->send(audio(Samples(160, 5)));
    EXPECT_EQ(read(), 160U);
    audio_.close();
    EXPECT_TRUE(run_until([&] { return peer_->ended(); }));
    EXPECT_EQ(read(), std::nullopt);
    open_tap();
    audio_ = AudioStream();
    EXPECT_TRUE(run_until([&] { return peer_->ended(); })) << "by the destructor";
}

TEST_F(TapTest, GivesWhatWasHeardBeforeTheHangup) {
    open_tap();
    peer_->send(audio(Samples(160, 5)));
    EXPECT_EQ(read(), 160U);
    peer_->send(audio(Samples(160, 6)));
    for (int i = 0; i < 5; ++i)
        context().run_one_for(5ms);
    asterisk("HANGUP\n");
    EXPECT_TRUE(run_until([&] { return peer_->ended(); })) << "at once: the caller may live on";
    peer_->send(audio(Samples(160, 7)));
    EXPECT_EQ(read(), 160U);
    EXPECT_EQ(read(), std::nullopt) << "what comes later is not heard";
    EXPECT_EQ(sent(), "");
}

TEST_F(TapTest, EndsWithTheSession) {
    open_tap();
    session().close(detail::End::returned);
    EXPECT_TRUE(run_until([&] { return peer_->ended(); }));
    EXPECT_EQ(read(), std::nullopt);
}

TEST_F(TapTest, EndsBeforeTheCallerIsConnectedWithOthers) {
    for (const std::string application : {"Dial", "queue", "Transfer"}) {
        open_tap();
        const auto task = execute(Exec(application, "SIP/desk"));
        EXPECT_EQ(sent(), "EXEC \"" + application + "\" \"SIP/desk\"\n");
        EXPECT_TRUE(run_until([&] { return peer_->ended(); }));
        EXPECT_EQ(read(), std::nullopt);
        asterisk("200 result=0\n");
        EXPECT_TRUE(task->done());
    }
}

TEST_F(TapTest, GoesOnDuringDialIfItIsToldTo) {
    open_tap(AudioOptions().while_connected(true));
    const auto task = execute(Exec("Dial", "SIP/desk"));
    EXPECT_EQ(sent(), "EXEC \"Dial\" \"SIP/desk\"\n");
    peer_->send(audio(Samples(160, 5)));
    EXPECT_EQ(read(), 160U);
    asterisk("200 result=0\nHANGUP\n");
    EXPECT_TRUE(run_until([&] { return peer_->ended(); }));
}

TEST_F(TapTest, IsOpenOnlyOnce) {
    open_tap();
    AudioStream second;
    const auto task = start(take(call(), second, AudioOptions()));
    EXPECT_TRUE(task->threw<AGIAppError>());
    EXPECT_EQ(task->what(), "the call's audio is open already");
    EXPECT_EQ(sent(), "");
}

TEST_F(TapTest, SaysWhyAsteriskDidNotConnect) {
    const auto refusal = start(take(call(), audio_, AudioOptions()));
    const auto where = told();
    asterisk("200 result=0\n");
    EXPECT_EQ(sent(), "GET VARIABLE \"ORIGINATE_STATUS\"\n");
    asterisk("200 result=1 (CONGESTION)\n");
    EXPECT_TRUE(refusal->threw<AGIAppError>());
    EXPECT_EQ(
        refusal->what(),
        "Asterisk did not connect its audio to 127.0.0.1:" + std::to_string(where.port) +
            " (ORIGINATE_STATUS is CONGESTION)"
    );
    EXPECT_TRUE(refused(where.port));
    const auto unknown = start(take(call(), audio_, AudioOptions()));
    told();
    asterisk("200 result=-2\n");
    EXPECT_TRUE(unknown->threw<AGIAppError>());
    const auto late = start(take(call(), audio_, AudioOptions().connect_timeout(20ms)));
    told();
    asterisk("200 result=0\n");
    sent();
    asterisk("200 result=1 (SUCCESS)\n");
    EXPECT_TRUE(run_until([&] { return late->done(); }));
    EXPECT_TRUE(late->threw<AGITimeout>()) << late->what();
}

TEST_F(TapTest, IsCancelledWhileItOpens) {
    using Type = asio::cancellation_type;
    for (const auto type : {Type::terminal, Type::partial}) {
        const auto task = start(take(call(), audio_, AudioOptions()));
        const auto where = told();
        task->cancel.emit(type);
        EXPECT_TRUE(run_until([&] { return task->done(); }));
        EXPECT_TRUE(task->threw<costrix::system_error>());
        EXPECT_TRUE(refused(where.port));
        asterisk("200 result=0\n");
        const auto next = execute(Noop());
        expect_sent(std::string("NOOP\n"));
        EXPECT_TRUE(next->done());
    }
}

TEST_F(TapTest, ReportsTheHangupWhileItOpens) {
    const auto task = start(take(call(), audio_, AudioOptions()));
    const auto where = told();
    asterisk("200 result=-1\nHANGUP\n");
    EXPECT_TRUE(wait_for(*task));
    EXPECT_TRUE(task->threw<AGIHangup>()) << task->what();
    EXPECT_TRUE(refused(where.port));
}

TEST_F(TapTest, EndsWhenItsExecutionContextIsDestroyed) {
    open_tap(AudioOptions().speak(true));
    const auto prompt = execute(StreamFile("menu"));
    audio_.line().write(Samples(160, 5));
    SUCCEED() << "the sanitizers look for what is left";
}

// --- speaking ------------------------------------------------------------------------------------

TEST_F(TapTest, SpeaksInBetweenAndIsHeard) {
    open_tap(AudioOptions().speak(true));
    EXPECT_EQ(spy_, "uoqwE");
    auto& line = audio_.line();
    EXPECT_EQ(line.write(Samples(160, 5)), 160U);
    EXPECT_TRUE(run_until([&] { return peer_->has(Samples(160, 5)); }));
    EXPECT_EQ(line.heard(), 160U);
    EXPECT_EQ(peer_->messages(), 1U) << "no silence";
    peer_->send(audio(Samples(240, 6)));
    EXPECT_EQ(read(), 240U);
}

TEST_F(TapTest, PlaysSilenceAgainAfterEachPrompt) {
    open_tap(AudioOptions().speak(true));
    const auto prompt = execute(StreamFile("menu"));
    expect_sent(std::string("STREAM FILE \"menu\" \"\"\n"), kPlayTones);
    EXPECT_TRUE(prompt->done());
    execute(Noop());
    expect_sent(std::string("NOOP\n"));
    EXPECT_EQ(sent(), "") << "it plays still";
}

TEST_F(TapTest, PlaysSilenceAgainBeforeTheNextCommand) {
    open_tap(AudioOptions().speak(true));
    auto flow = [](AGI& call) -> asio::awaitable<void> {
        co_await call.execute(StreamFile("one"));
        co_await call.execute(StreamFile("two"));
        co_await call.execute(WaitForDigit(1s));
        co_await call.execute(Exec("Echo"));
    };
    const auto task = start(flow(call()));
    expect_sent(
        std::string("STREAM FILE \"one\" \"\"\n"),
        std::string("STREAM FILE \"two\" \"\"\n"),
        kPlayTones,
        std::string("WAIT FOR DIGIT 1000\n"),
        kStopTones,
        std::string("EXEC \"Echo\"\n"),
        kPlayTones
    );
    EXPECT_TRUE(task->done());
}

TEST_F(TapTest, LeavesNoSilenceBehind) {
    open_tap(AudioOptions().speak(true));
    audio_.close();
    expect_sent(kStopTones);
    EXPECT_TRUE(run_until([&] { return peer_->ended(); }));
    execute(Noop());
    expect_sent(std::string("NOOP\n"));
    open_tap(AudioOptions().speak(true));
    auto flow = [](AGI& call, AudioStream) -> asio::awaitable<void> {
        co_await call.execute(StreamFile("bye"));
    };
    start(flow(call(), std::move(audio_)));
    expect_sent(std::string("STREAM FILE \"bye\" \"\"\n"));
    EXPECT_TRUE(run_until([&] { return peer_->ended(); }));
    EXPECT_EQ(sent(), "") << "the prompt has ended the silence";
    open_tap(AudioOptions().speak(true));
    execute(Exec("Dial", "SIP/desk"));
    expect_sent(kStopTones, std::string("EXEC \"Dial\" \"SIP/desk\"\n"));
    EXPECT_EQ(sent(), "");
}

}  // namespace
}  // namespace costrix::agi
