// SPDX-License-Identifier: MIT
// AudioServer over loopback sockets: the test plays Asterisk.
#include "support/audio_peer.hpp"
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/audio_call.hpp>
#include <costrix/testing/place_call.hpp>

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using test::AudioPeer;
using test::eventually;

const std::string kOne = "40325ec2-5efd-4bd3-805f-53576e581d13";
const std::string kTwo = "40325ec2-5efd-4bd3-805f-53576e581d14";

std::string identity_of(const std::string& uuid) {
    return test::identity(*Uuid::parse(uuid));
}

asio::awaitable<void> say_it_back(AudioLine& line, const Uuid&) {
    while (const auto frame = co_await line.read())
        line.write(frame->samples, frame->sample_rate);
}

class AudioServerTest : public ::testing::Test {
protected:
    AudioServerTest() {
        options_.port = 0;
        options_.logger = log_.logger();
    }
    ~AudioServerTest() override { stop(); }

    void start(std::size_t threads = 1) {
        server_ = std::make_unique<AudioServer>(options_);
        server_->register_audio_handler(std::nullopt, say_it_back);
        thread_ = std::thread([this, threads] { server_->run(threads); });
    }
    void stop() {
        if (!thread_.joinable())
            return;
        server_->shutdown();
        thread_.join();
    }
    std::unique_ptr<AudioPeer> connect(const std::string& uuid = kOne) {
        auto peer = std::make_unique<AudioPeer>(server_->port());
        peer->send(identity_of(uuid));
        return peer;
    }
    bool counted(std::uint64_t AudioServerCounters::*counter, std::uint64_t number) {
        return eventually([&] { return server_->counters().*counter == number; });
    }
    /// The log's line comes after the count.
    bool logged(std::string_view text) {
        return eventually([&] { return log_.has(text); });
    }

    test::LogCapture log_;
    AudioServerOptions options_;
    std::unique_ptr<AudioServer> server_;
    std::thread thread_;
};

TEST_F(AudioServerTest, ConnectsACallerToItsHandler) {
    start();
    const auto peer = connect();
    peer->send(test::audio(test::Samples(160, 7)));
    EXPECT_TRUE(eventually([&] { return peer->has(test::Samples(160, 7)); }));
    EXPECT_EQ(server_->counters().lines, 1U);
    peer->close();
    EXPECT_TRUE(counted(&AudioServerCounters::lines, 0));
    EXPECT_EQ(server_->counters().connected, 1U);
    EXPECT_TRUE(logged(kOne));
}

TEST_F(AudioServerTest, IsCalledByTheTestKit) {
    start();
    auto briefly = [](AudioLine& line, const Uuid&) -> asio::awaitable<void> {
        for (int i = 0; i < 30; ++i) {
            const auto frame = co_await line.read();
            line.write(frame->samples);
        }
        co_await line.drained();
    };
    server_->register_audio_handler(kTwo, briefly);
    testing::Scenario scenario;
    scenario.speak_during("AudioSocket", testing::noise(200ms), 100ms);
    asio::io_context context;
    const auto options = testing::AudioCallOptions().uuid(*Uuid::parse(kTwo));
    auto call = asio::co_spawn(
        context, testing::place_audio_call(scenario, server_->port(), options), asio::use_future
    );
    auto nowhere = asio::co_spawn(
        context, testing::place_audio_call(scenario, {"127.0.0.1", 1}), asio::use_future
    );
    context.run();
    const auto asterisk = call.get();
    EXPECT_FALSE(asterisk.hung_up());
    std::ptrdiff_t samples = 0;  // of noise(), none is 0
    for (const auto& piece : asterisk.heard().pieces())
        samples += std::ssize(piece.samples) -
                   std::count(piece.samples.begin(), piece.samples.end(), std::int16_t{0});
    EXPECT_EQ(samples, 1600);
    EXPECT_THROW(nowhere.get(), std::runtime_error);
}

TEST_F(AudioServerTest, IsDialledByAHandlerOfTheTestKit) {
    start();
    const auto channel =
        "AudioSocket/127.0.0.1:" + std::to_string(server_->port()) + '/' + kOne + "/c(slin16)";
    auto handler = [channel](AGI& call, const Request&) -> asio::awaitable<void> {
        const auto dial = Exec("Dial", channel);
        co_await call.execute(dial);
    };
    asio::io_context context;
    FastAGIServer agi(context.get_executor(), {.port = 0, .logger = log_.logger()});
    agi.register_script_handler(std::nullopt, handler);
    asio::co_spawn(context, agi.serve_forever(), asio::detached);
    testing::Scenario scenario;
    scenario.hang_up_during("AudioSocket", 300ms);
    auto call =
        asio::co_spawn(context, testing::place_call(scenario, agi.port()), asio::use_future);
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (call.wait_for(0s) != std::future_status::ready && std::chrono::steady_clock::now() < end)
        context.run_one_for(10ms);
    agi.shutdown();
    context.run_for(1s);
    EXPECT_EQ(call.get().variable("DIALSTATUS"), "ANSWER");
    EXPECT_TRUE(counted(&AudioServerCounters::connected, 1));
}

TEST_F(AudioServerTest, TakesTheRateOfTheChannel) {
    start();
    const auto peer = connect();
    std::string bytes;
    append_audio(bytes, test::Samples(960, 7), 48000);
    peer->send(bytes);
    EXPECT_TRUE(eventually([&] { return peer->has(test::Samples(960, 7)); }));
}

TEST_F(AudioServerTest, EndsTheLineWithItsHandler) {
    start();
    auto brief = [](AudioLine& line, const Uuid&) -> asio::awaitable<void> {
        co_await line.read();
    };
    server_->register_audio_handler(kTwo, brief);
    const auto peer = connect(kTwo);
    peer->send(test::audio(test::Samples(160, 7)));
    EXPECT_TRUE(eventually([&] { return peer->ended(); }));
}

TEST_F(AudioServerTest, ChoosesTheHandlerByTheUuid) {
    start();
    std::atomic<int> exact = 0, pattern = 0, late = 0;
    const auto handler = [](std::atomic<int>& count) {
        return [&count](AudioLine&, const Uuid&) -> asio::awaitable<void> {
            ++count;
            co_return;
        };
    };
    server_->register_audio_handler(kTwo, handler(late));
    server_->register_audio_handler("[0-9a-f]{8}-5efd-", handler(pattern));
    server_->register_audio_handler("5efd-", handler(late));  // not at the start
    server_->register_audio_handler(".", handler(late));      // after those that match
    server_->register_audio_handler(kTwo, handler(exact));    // in the place of the first
    const auto one = connect(kOne), two = connect(kTwo);
    EXPECT_TRUE(eventually([&] { return exact == 1 && pattern == 1; }));
    EXPECT_TRUE(server_->unregister_audio_handler(kTwo));
    EXPECT_FALSE(server_->unregister_audio_handler(kTwo));
    const auto again = connect(kTwo);
    EXPECT_TRUE(eventually([&] { return pattern == 2; }));
    EXPECT_EQ(late, 0);
    EXPECT_TRUE(server_->unregister_audio_handler("."));
    EXPECT_THROW(server_->register_audio_handler("(", say_it_back), std::runtime_error);
    EXPECT_TRUE(server_->unregister_audio_handler(std::nullopt));
    const auto unknown = connect("00000000-0000-0000-0000-000000000000");
    EXPECT_TRUE(eventually([&] { return unknown->closed(); }));
    EXPECT_EQ(server_->counters().unknown, 1U);
}

TEST_F(AudioServerTest, SurvivesAHandlerThatThrows) {
    start();
    auto fail = [](AudioLine& line, const Uuid&) -> asio::awaitable<void> {
        co_await line.read();
        throw std::runtime_error("the model is gone");
    };
    server_->register_audio_handler(kTwo, fail);
    const auto other = connect(kOne), failing = connect(kTwo);
    failing->send(test::audio(test::Samples(160, 7)));
    EXPECT_TRUE(eventually([&] { return failing->ended(); }));
    EXPECT_TRUE(counted(&AudioServerCounters::failures, 1));
    EXPECT_TRUE(logged("the model is gone")) << log_.text();
    other->send(test::audio(test::Samples(160, 7)));
    EXPECT_TRUE(eventually([&] { return other->has(test::Samples(160, 7)); }));
}

TEST_F(AudioServerTest, ClosesWhoeverDoesNotIdentifyItself) {
    options_.identify_timeout = 20ms;
    start();
    AudioPeer noise(server_->port());
    noise.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(eventually([&] { return noise.closed(); }));
    AudioPeer half(server_->port());
    half.send(std::string_view("\x01\0", 2));
    EXPECT_TRUE(eventually([&] { return half.closed(); }));
    EXPECT_TRUE(counted(&AudioServerCounters::unidentified, 2));
}

TEST_F(AudioServerTest, BoundsConnectionsAndLines) {
    options_.max_unidentified = 2;
    options_.max_lines = 1;
    options_.identify_timeout = 1min;
    start();
    const auto line = connect();
    EXPECT_TRUE(counted(&AudioServerCounters::connected, 1));
    const auto second = connect();
    EXPECT_TRUE(eventually([&] { return second->closed(); }));
    EXPECT_EQ(server_->counters().busy, 1U);
    AudioPeer oldest(server_->port()), silent(server_->port()), newest(server_->port());
    EXPECT_TRUE(eventually([&] { return oldest.closed(); }));
    EXPECT_EQ(server_->counters().too_many, 1U);
    line->close();
    EXPECT_TRUE(counted(&AudioServerCounters::lines, 0));
    silent.send(identity_of(kOne));
    EXPECT_TRUE(counted(&AudioServerCounters::connected, 2));
    EXPECT_FALSE(newest.closed());
    EXPECT_EQ(server_->counters().unidentified, 0U) << "each is counted once";
    newest.close();
}

TEST_F(AudioServerTest, BoundsTheConnectionsOfOnePeer) {
    options_.max_connections_per_peer = 2;
    start();
    const auto one = connect();
    auto two = connect();
    EXPECT_TRUE(counted(&AudioServerCounters::connected, 2));
    AudioPeer three(server_->port());
    EXPECT_TRUE(eventually([&] { return three.closed(); }));
    EXPECT_EQ(server_->counters().refused_per_peer, 1U);
    EXPECT_TRUE(logged("it has as many connections as it may")) << log_.text();
    two->close();
    EXPECT_TRUE(counted(&AudioServerCounters::lines, 1));
    // The seat is free when the coroutine has ended, which is a little later than the line.
    EXPECT_TRUE(eventually([&] {
        two = connect();
        return eventually([&] { return two->closed() || server_->counters().connected == 3; }) &&
               !two->closed();
    }));
    options_.max_connections_per_peer = 0;
    EXPECT_THROW(AudioServer{options_}, std::invalid_argument);
}

TEST_F(AudioServerTest, TellsTheObserverOfItsLines) {
    struct Lines final : Observer {
        void on_audio_open(const Uuid& uuid) override { add("open " + uuid.to_string()); }
        void on_audio_closed(const Uuid& uuid, const AudioLineCounters& counters) override {
            add("closed " + uuid.to_string() + ", lost " + std::to_string(counters.lost_samples));
            throw std::runtime_error("no room");
        }
        void add(std::string event) {
            std::lock_guard lock(mutex);
            events.push_back(std::move(event));
        }
        std::mutex mutex;
        std::vector<std::string> events;
    };
    const auto lines = std::make_shared<Lines>();
    options_.observer = observe_all({lines, std::make_shared<Observer>()});
    start();
    connect()->close();
    EXPECT_TRUE(counted(&AudioServerCounters::observer_errors, 1));
    EXPECT_TRUE(logged("the observer threw: no room")) << log_.text();
    EXPECT_TRUE(counted(&AudioServerCounters::lines, 0));
    EXPECT_EQ(server_->counters().failures, 0U);
    std::lock_guard lock(lines->mutex);
    EXPECT_EQ(
        lines->events, (std::vector<std::string>{"open " + kOne, "closed " + kOne + ", lost 0"})
    );
}

TEST_F(AudioServerTest, AdmitsThoseWhoAreAllowed) {
    options_.allow = {"192.0.2.0/24"};
    start();
    AudioPeer peer(server_->port());
    EXPECT_TRUE(eventually([&] { return peer.closed(); }));
    EXPECT_EQ(server_->counters().refused_address, 1U);
    EXPECT_TRUE(logged("audio from 127.0.0.1: not allowed")) << log_.text();
    options_.allow = {"nonsense"};
    EXPECT_THROW(AudioServer{options_}, std::invalid_argument);
}

TEST_F(AudioServerTest, DrainsAndThenCancels) {
    options_.drain_timeout = 50ms;
    start();
    auto stubborn = [](AudioLine&, const Uuid&) -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer never(executor, asio::steady_timer::time_point::max());
        co_await never.async_wait(asio::use_awaitable);
    };
    server_->register_audio_handler(kTwo, stubborn);
    const auto peer = connect(kTwo);
    EXPECT_TRUE(counted(&AudioServerCounters::connected, 1));
    const auto port = server_->port();
    stop();
    EXPECT_TRUE(test::refused(port));
    EXPECT_EQ(server_->counters().drain_cancelled, 1U);
    EXPECT_EQ(server_->counters().failures, 0U);
    EXPECT_EQ(server_->counters().abandoned, 0U);
}

TEST_F(AudioServerTest, WaitsForItsLinesAfterShutdown) {
    options_.identify_timeout = 1min;
    start();
    const auto peer = connect();
    EXPECT_TRUE(counted(&AudioServerCounters::connected, 1));
    AudioPeer silent(server_->port());
    EXPECT_TRUE(counted(&AudioServerCounters::accepted, 2));
    server_->shutdown();
    peer->send(test::audio(test::Samples(160, 7)));
    EXPECT_TRUE(eventually([&] { return peer->has(test::Samples(160, 7)); }));
    silent.close();  // it is no line
    peer->close();
    stop();
    EXPECT_EQ(server_->counters().drained, 1U);
}

TEST_F(AudioServerTest, RunsOnce) {
    AudioServer server(options_);
    server.shutdown();
    server.run();
    EXPECT_THROW(server.run(), std::logic_error);
}

TEST_F(AudioServerTest, ServesOnSeveralThreads) {
    start(3);
    std::mutex mutex;
    std::set<std::thread::id> threads;
    auto say_it_here = [&](AudioLine& line, const Uuid&) -> asio::awaitable<void> {
        const auto here = std::this_thread::get_id();
        while (const auto frame = co_await line.read()) {
            EXPECT_EQ(std::this_thread::get_id(), here);
            line.write(frame->samples);
            std::lock_guard lock(mutex);
            threads.insert(here);
        }
    };
    server_->register_audio_handler(kTwo, say_it_here);
    std::vector<std::unique_ptr<AudioPeer>> peers;
    for (int i = 0; i < 20; ++i)
        peers.push_back(connect(kTwo));
    for (const auto& peer : peers)
        peer->send(test::audio(test::Samples(160, 7)));
    for (const auto& peer : peers)
        EXPECT_TRUE(eventually([&] { return peer->has(test::Samples(160, 7)); }));
    for (const auto& peer : peers)
        peer->close();
    EXPECT_TRUE(counted(&AudioServerCounters::lines, 0));
    stop();
    EXPECT_EQ(threads.size(), 3U);
}

TEST_F(AudioServerTest, EndsAllThreadsAtOnceOnASecondSignal) {
    options_.handle_signals = true;
    start(3);
    std::vector<std::unique_ptr<AudioPeer>> peers;
    for (int i = 0; i < 6; ++i)
        peers.push_back(connect());
    EXPECT_TRUE(counted(&AudioServerCounters::connected, 6));
    ::kill(getpid(), SIGTERM);
    EXPECT_TRUE(eventually([&] { return test::refused(server_->port()); }));
    ::kill(getpid(), SIGTERM);
    thread_.join();  // although lines are left
    server_.reset();
}

TEST_F(AudioServerTest, ServesOnAnExecutorOfTheUsers) {
    asio::io_context context;
    auto server = std::make_unique<AudioServer>(context.get_executor(), options_, Threads::one);
    server->register_audio_handler(std::nullopt, say_it_back);
    EXPECT_THROW(server->run(), std::logic_error);
    bool over = false;
    asio::co_spawn(context, server->serve_forever(), [&](std::exception_ptr error) {
        over = !error;
    });
    AudioPeer peer(server->port());
    peer.send(identity_of(kOne) + test::audio(test::Samples(160, 7)));
    const auto turn = [&](auto condition) {
        return eventually([&] {
            context.restart();
            context.poll();
            return condition();
        });
    };
    EXPECT_TRUE(turn([&] { return peer.has(test::Samples(160, 7)); }));
    server->shutdown();
    peer.close();
    EXPECT_TRUE(turn([&] { return over; }));
}

TEST_F(AudioServerTest, EndsWithLinesThatGoOn) {
    asio::io_context context;
    server_ = std::make_unique<AudioServer>(context.get_executor(), options_, Threads::one);
    server_->register_audio_handler(std::nullopt, say_it_back);
    asio::co_spawn(context, server_->serve_forever(), asio::detached);
    const auto peer = connect();
    EXPECT_TRUE(eventually([&] {
        context.restart();
        context.poll();
        return server_->counters().connected == 1;
    }));
    server_.reset();
    context.restart();
    context.poll();
}

}  // namespace
}  // namespace costrix::agi
