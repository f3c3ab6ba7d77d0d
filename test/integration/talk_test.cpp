// SPDX-License-Identifier: MIT
// talk(): the test plays Asterisk on both connections, the AGI's and the audio's.
#include "support/talk_test.hpp"

#include "audio/audio_rendezvous.hpp"
#include "support/talks.hpp"

#include <costrix/agi.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/asio.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using test::audio;
using test::AudioPeer;
using test::echo;
using test::identity;
using test::refused;
using test::Samples;

asio::awaitable<int> first_samples(AudioLine& line) {
    const auto frame = co_await line.read();
    co_return frame ? static_cast<int>(frame->samples.size()) : -1;
}

class TalkTest : public test::AudioCallTest {
protected:
    /// Talks, and then runs one command more, which shows that the session is in step.
    template <class Handler>
    std::shared_ptr<test::Task>
    talk_and_go_on(Handler handler, const AudioOptions& options = AudioOptions()) {
        auto flow = [](AGI& call, Handler work, AudioOptions how) -> asio::awaitable<void> {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            std::exception_ptr error;
            try {
                co_await talk(call, work, how);
            } catch (...) {
                error = std::current_exception();
            }
            co_await asio::this_coro::reset_cancellation_state();
            const auto next = co_await call.try_execute(GetVariable("NEXT"));
            if (error)
                std::rethrow_exception(error);
            EXPECT_TRUE(next && *next == "42");
        };
        return start(flow(call(), handler, options));
    }
    void answer_next() {
        run();
        EXPECT_EQ(sent(), "GET VARIABLE \"NEXT\"\n");
        asterisk("200 result=1 (42)\n");
    }
    /// Asterisk's reply to EXEC where something went wrong, and to the question that it raises.
    void answer_minus_one(int channel_state) {
        asterisk("200 result=-1\n");
        EXPECT_EQ(sent(), "CHANNEL STATUS\n");
        asterisk("200 result=" + std::to_string(channel_state) + "\n");
    }
};

TEST_F(TalkTest, ConnectsTheCallerToTheHandlerAndGoesOn) {
    bool over = false;
    auto work = [](AudioLine& line, bool& done) -> asio::awaitable<void> {
        const auto frame = co_await line.read();
        co_await line.play(frame->samples);
        done = true;
    };
    auto handler = [&](AudioLine& line) { return work(line, over); };
    const auto task = talk_and_go_on(handler);
    const auto [uuid, port] = told();
    AudioPeer peer(port);
    peer.send(identity(uuid) + audio(Samples(160, 5)));
    EXPECT_TRUE(run_until([&] { return peer.has(Samples(160, 5)); }));
    EXPECT_TRUE(run_until([&] { return peer.ended(); }));
    EXPECT_TRUE(over);
    peer.close();
    asterisk("200 result=0\n");
    answer_next();
    EXPECT_TRUE(task->done());
    EXPECT_EQ(task->what(), "");
    EXPECT_EQ(counters().connected, 1U);
    EXPECT_TRUE(refused(port)) << "nobody waits any more";
}

TEST_F(TalkTest, TellsTheObserverOfItsLine) {
    std::vector<std::string> events;
    session().set_observer(std::make_unique<test::AudioNotes>(events));
    const auto task = talk_and_go_on(first_samples);
    const auto [uuid, port] = told();
    EXPECT_TRUE(events.empty());
    AudioPeer peer(port);
    const std::string unknown("\x42\0\0", 3);
    peer.send(identity(uuid) + unknown + audio(Samples(160, 5)));
    EXPECT_TRUE(run_until([&] { return peer.ended(); }));
    EXPECT_EQ(events, std::vector<std::string>{"open"});
    asterisk("200 result=0\n");
    answer_next();
    EXPECT_TRUE(task->done());
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[1], "closed, unknown: 1");
}

TEST_F(TalkTest, GivesTheHandlersResult) {
    int result = 0;
    auto flow = [](AGI& call, int& samples) -> asio::awaitable<void> {
        samples = co_await talk(call, first_samples);
    };
    const auto task = start(flow(call(), result));
    const auto [uuid, port] = told();
    AudioPeer peer(port);
    peer.send(identity(uuid) + audio(Samples(240, 5)));
    EXPECT_TRUE(run_until([&] { return peer.ended(); }));
    asterisk("200 result=0\n");
    EXPECT_TRUE(wait_for(*task));
    EXPECT_EQ(task->what(), "");
    EXPECT_EQ(result, 240);
}

TEST_F(TalkTest, EndsWithTheCallersHangup) {
    const auto task = talk_and_go_on(echo);
    const auto [uuid, port] = told();
    AudioPeer peer(port);
    peer.send(identity(uuid));
    EXPECT_TRUE(run_until([&] { return counters().connected == 1; }));
    peer.close();
    asterisk("200 result=-1\nHANGUP\n");
    EXPECT_TRUE(wait_for(*task));
    EXPECT_TRUE(task->threw<AGIResultHangup>()) << task->what();
}

TEST_F(TalkTest, SaysThatNobodyConnected) {
    const auto refusal = talk_and_go_on(echo);
    const auto first = told();
    answer_minus_one(6);
    EXPECT_EQ(sent(), "CHANNEL STATUS\n");
    asterisk("200 result=6\n");
    answer_next();
    EXPECT_TRUE(refusal->threw<AGIAppError>());
    EXPECT_EQ(
        refusal->what(),
        "Asterisk did not connect its audio to 127.0.0.1:" + std::to_string(first.port)
    );
    const auto unanswered = talk_and_go_on(echo);
    told();
    answer_minus_one(4);
    EXPECT_EQ(sent(), "CHANNEL STATUS\n");
    asterisk("200 result=4\n");
    answer_next();
    EXPECT_TRUE(unanswered->what().ends_with(": the channel is not answered"));
}

TEST_F(TalkTest, ThrowsWhatTheApplicationIsRefusedWith) {
    const auto task = talk_and_go_on(echo);
    told();
    asterisk("200 result=-2\n");
    answer_next();
    EXPECT_TRUE(task->threw<AGIAppError>());
    EXPECT_NE(task->what().find("no such application"), std::string::npos) << task->what();
}

TEST_F(TalkTest, WaitsForTheConnectionForItsTimeOnly) {
    const auto task = talk_and_go_on(echo, AudioOptions().connect_timeout(20ms));
    const auto [uuid, port] = told();
    EXPECT_TRUE(run_until([&] { return refused(port); }));
    EXPECT_EQ(sent(), "") << "the reply is owed";
    asterisk("200 result=-1\n");
    if (const auto question = sent(); question == "CHANNEL STATUS\n")
        asterisk("200 result=6\n");
    asterisk("200 result=1 (42)\n");
    EXPECT_TRUE(task->threw<AGITimeout>()) << task->what();
}

TEST_F(TalkTest, ClosesConnectionsThatAreNotExpected) {
    const auto task = talk_and_go_on(echo);
    const auto [uuid, port] = told();
    auto wrong = uuid;
    wrong.bytes[0] ^= 1;
    AudioPeer stranger(port), noise(port), silent(port);
    stranger.send(identity(wrong));
    noise.send("GET / HTTP/1.1\r\nHost: x\r\n");
    EXPECT_TRUE(run_until([&] { return stranger.closed() && noise.closed(); }));
    EXPECT_EQ(counters().unknown, 1U);
    EXPECT_EQ(counters().unidentified, 1U);
    AudioPeer peer(port), again(port);
    const auto bytes = identity(uuid);
    for (const char byte : bytes)
        peer.send({&byte, 1});
    EXPECT_TRUE(run_until([&] { return counters().connected == 1; }));
    EXPECT_TRUE(run_until([&] { return silent.closed() && again.closed(); })) << "nobody waits";
    EXPECT_EQ(counters().connected, 1U);
    peer.close();
    asterisk("HANGUP\n200 result=-1\n");
    EXPECT_TRUE(wait_for(*task));
}

TEST_F(TalkTest, ClosesWhoeverDoesNotIdentifyItselfInTime) {
    const auto task = talk_and_go_on(echo);
    const auto [uuid, port] = told();
    AudioPeer silent(port);
    silent.send(std::string_view("\x01\0", 2));
    EXPECT_TRUE(run_until([&] { return silent.closed(); }));
    EXPECT_TRUE(run_until([&] { return counters().unidentified == 1; }));
    asterisk("HANGUP\n200 result=-1\n");
    EXPECT_TRUE(wait_for(*task));
}

TEST_F(TalkTest, BoundsTheConnectionsThatHaveNotIdentifiedThemselves) {
    const auto task = talk_and_go_on(echo);
    const auto [uuid, port] = told();
    std::vector<std::unique_ptr<AudioPeer>> strangers;
    for (int i = 0; i < 70; ++i)
        strangers.push_back(std::make_unique<AudioPeer>(port));
    EXPECT_TRUE(run_until([&] { return counters().too_many == 6; }));
    asterisk("HANGUP\n200 result=-1\n");
    EXPECT_TRUE(wait_for(*task));
}

/// The oldest is closed in the moment in which its UUID comes.
TEST_F(TalkTest, LosesAConnectionThatIsClosedAsItIdentifiesItself) {
    const auto task = talk_and_go_on(echo);
    const auto [uuid, port] = told();
    AudioPeer oldest(port);
    run();
    std::vector<std::unique_ptr<AudioPeer>> strangers;
    for (int i = 0; i < 64; ++i)
        strangers.push_back(std::make_unique<AudioPeer>(port));
    oldest.send(identity(uuid));
    EXPECT_NO_THROW(run());
    EXPECT_TRUE(run_until([&] { return oldest.closed(); }));
    EXPECT_EQ(counters().too_many, 1U);
    EXPECT_EQ(counters().connected, 0U);
    AudioPeer again(port);
    again.send(identity(uuid));
    EXPECT_TRUE(run_until([&] { return counters().connected == 1; })) << "the call still waits";
    again.close();
    asterisk("HANGUP\n200 result=-1\n");
    EXPECT_TRUE(wait_for(*task));
}

TEST(AudioPort, ClosesWhoHasNotIdentifiedItselfWithItsContext) {
    auto context = std::make_unique<asio::io_context>();
    const auto loopback = asio::ip::address_v4::loopback();
    auto& rendezvous = asio::use_service<detail::AudioRendezvous>(*context);
    const auto port = rendezvous.expect(context->get_executor(), loopback, {})->port;
    AudioPeer silent(port);
    context->poll();
    context.reset();
    EXPECT_TRUE(silent.closed());
}

TEST(AudioPort, AcceptsAFloodInTurns) {
    constexpr std::uint64_t kConnections = 300;
    asio::io_context context;
    const auto loopback = asio::ip::address_v4::loopback();
    auto& rendezvous = asio::use_service<detail::AudioRendezvous>(context);
    const auto port = rendezvous.expect(context.get_executor(), loopback, {})->port;
    std::vector<std::unique_ptr<AudioPeer>> flood;
    while (flood.size() < kConnections)
        flood.push_back(std::make_unique<AudioPeer>(port));
    std::uint64_t closed = 0;  // all but 64 of those accepted
    while (closed < kConnections - 64 && context.run_one_for(std::chrono::seconds(10)) > 0) {
        const auto before = std::exchange(closed, rendezvous.counters().too_many);
        EXPECT_LE(closed - before, 64U) << "other work waits";
    }
    EXPECT_EQ(closed, kConnections - 64);
}

TEST_F(TalkTest, RethrowsWhatTheHandlerThrowsAndGoesOn) {
    auto handler = [](AudioLine& line) -> asio::awaitable<void> {
        co_await line.read();
        throw std::runtime_error("the model is gone");
    };
    const auto task = talk_and_go_on(handler);
    const auto [uuid, port] = told();
    AudioPeer peer(port);
    peer.send(identity(uuid) + audio(Samples(160, 5)));
    EXPECT_TRUE(run_until([&] { return peer.ended(); }));
    asterisk("200 result=0\n");
    answer_next();
    EXPECT_EQ(task->what(), "the model is gone");
}

TEST_F(TalkTest, SaysThatAsteriskEndedTheAudio) {
    const auto task = talk_and_go_on(echo);
    const auto [uuid, port] = told();
    AudioPeer peer(port);
    peer.send(identity(uuid));
    EXPECT_TRUE(run_until([&] { return counters().connected == 1; }));
    peer.close();
    answer_minus_one(6);
    answer_next();
    EXPECT_TRUE(task->threw<AGIAppError>());
    EXPECT_TRUE(task->what().starts_with("Asterisk ended the audio before its handler"))
        << task->what();
}

TEST_F(TalkTest, IsCancelledByEachType) {
    using Type = asio::cancellation_type;
    for (const auto type : {Type::terminal, Type::partial, Type::total}) {
        const auto task = talk_and_go_on(echo);
        const auto [uuid, port] = told();
        AudioPeer peer(port);
        peer.send(identity(uuid));
        EXPECT_TRUE(run_until([&] { return peer.has(Samples(160)); })) << "silence";
        task->cancel.emit(type);
        EXPECT_TRUE(run_until([&] { return peer.ended(); }));
        EXPECT_EQ(sent(), "") << "the reply is owed";
        asterisk("200 result=0\n");
        answer_next();
        EXPECT_TRUE(task->threw<costrix::system_error>()) << task->what();
    }
}

TEST_F(TalkTest, ListensOnThePortsThatItIsGiven) {
    asio::io_context context;
    const asio::ip::tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
    std::optional<asio::ip::tcp::acceptor> taken(std::in_place, context, any);
    const auto port = taken->local_endpoint().port();
    const auto impossible = talk_and_go_on(echo, AudioOptions().ports(port, port));
    answer_next();
    EXPECT_TRUE(impossible->threw<AGIAppError>());
    EXPECT_TRUE(impossible->what().starts_with("cannot listen for audio on 127.0.0.1, ports "))
        << impossible->what();
    taken.reset();
    const auto task = talk_and_go_on(echo, AudioOptions().ports(port, port).host("localhost"));
    EXPECT_NE(sent().find(",localhost:" + std::to_string(port) + "\"\n"), std::string::npos);
    asterisk("HANGUP\n200 result=-1\n");
    EXPECT_TRUE(wait_for(*task));
}

}  // namespace
}  // namespace costrix::agi
