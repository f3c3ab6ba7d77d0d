// SPDX-License-Identifier: MIT
// Every allocation that the server makes for a call fails once, and nothing else does.
#include "support/audio_peer.hpp"
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <thread>

namespace {

thread_local bool on_server = false;    // this thread's allocations may fail
std::atomic<long> allocations_left{0};  // before the one that fails; 0 when none is to
std::atomic<bool> asio_too{false};      // Asio's own, too: see aligned_alloc()

std::atomic<long> starting{0};  // not 0: allocations fail while there are fewer threads

long threads() noexcept {
    struct stat tasks {};
    stat("/proc/self/task", &tasks);
    return static_cast<long>(tasks.st_nlink) - 2;  // each has a directory there
}

bool fails_now() noexcept {
    if (starting > 0 && threads() >= starting)
        return false;
    return on_server && allocations_left.load() > 0 && allocations_left.fetch_sub(1) == 1;
}

void* checked(void* memory) {
    if (!memory)
        throw std::bad_alloc();
    return memory;
}

}  // namespace

// All that the sanitizers would otherwise give their own.
void* operator new(std::size_t size) {
    return checked(fails_now() ? nullptr : std::malloc(size));
}
void* operator new[](std::size_t size) {
    return operator new(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return fails_now() ? nullptr : std::malloc(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto unit = static_cast<std::size_t>(alignment);
    const auto whole = (size + unit - 1) / unit * unit;
    return checked(fails_now() ? nullptr : std::aligned_alloc(unit, whole));
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

#ifndef COSTRIX_SANITIZED
// Where Asio has its memory from. A coroutine that is being started ends the process when there is
// none: so only for a test that starts none at the time.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return asio_too && fails_now() ? nullptr : memalign(alignment, size);
}
#endif

namespace costrix::agi {
namespace {

using test::eventually;
using test::ServerThread;
using test::TcpPeer;
using namespace std::chrono_literals;

asio::awaitable<void> converse(AGI& call, const Request&) {
    on_server = true;
    co_await call.execute(Answer(), 10s);
    co_await call.execute(GetVariable("A"));
    co_await call.execute(Exec("Queue", "sales and a text that is not short"));
}

asio::awaitable<void> run_out_of_time(AGI& call, const Request&) {
    try {
        co_await call.execute(WaitForDigit(), 10ms);
    } catch (const AGITimeout&) {
        // as it should
    }
    co_await call.execute(Noop());
}

asio::awaitable<void> sleep(AGI& call, const Request&) {
    co_await call.execute(Noop());
    co_await call.sleep_for(5ms);
    co_await call.execute(Noop());
}

asio::awaitable<void> work(AGI& call) {
    co_await call.sleep_for(1h);
}

asio::awaitable<void> work_until_hangup(AGI& call, const Request&) {
    co_await call.execute(Noop());
    try {
        co_await call.unless_hung_up(work(call));
    } catch (const AGIHangup&) {
        // as it should
    }
    call.allow_after_hangup();
    co_await call.execute(SetVariable("RESULT", "a text that is not short, not at all"));
}

asio::awaitable<void> ask(AGI& call) {
    co_await call.execute(GetVariable("A"));
}

asio::awaitable<void> ask_during_a_prompt(AGI& call, const Request&) {
    co_await call.execute_during(StreamFile("please-hold"), ask(call));
}

asio::awaitable<void> ask_several_at_once(AGI& call, const Request&) {
    using namespace asio::experimental::awaitable_operators;
    on_server = true;
    co_await (ask(call) && ask(call) && ask(call) && ask(call));
}

/// One call in each test, which `play` plays Asterisk in.
class Memory : public ::testing::Test {
protected:
    using Play = std::function<std::string(TcpPeer&)>;

    Memory() {
        server_->register_script_handler("converse/(?<y>.*)", converse);
        server_->register_script_handler("time", run_out_of_time);
        server_->register_script_handler("sleep", sleep);
        server_->register_script_handler("hangup", work_until_hangup);
        server_->register_script_handler("prompt", ask_during_a_prompt);
        server_->register_script_handler("several", ask_several_at_once);
        server_.start();
        converse_once();  // from now on the server's thread is known
    }

    void converse_once() {
        TcpPeer peer(server_.port());
        peer.call("converse/y?a=b", "agi_arg_1: c\n");
        peer.answer_all();
    }

    /// The allocations of the call fail, one each time; the next call is as if nothing had been.
    void fail_each(std::string_view path, const Play& play) {
        const auto one_call = [&] {
            TcpPeer peer(server_.port());
            peer.call(path);
            return play(peer);
        };
        const auto whole = one_call();
        long failed = 0;
        for (long which = 1; which < 1000; ++which) {
            allocations_left = which;
            const auto lines = one_call();
            ASSERT_TRUE(eventually([&] { return server_->sessions() == 0; })) << which;
            const bool none_left = allocations_left.exchange(0) > 0;
            ASSERT_EQ(lines.find("<timeout>"), lines.npos) << which << "\n" << log_.text();
            ASSERT_EQ(one_call(), whole) << which << "\n" << log_.text();
            if (none_left)
                break;
            ++failed;
        }
        EXPECT_GT(failed, 1);
        std::printf("%ld allocations failed, one at a time\n", failed);
    }

    ~Memory() override { allocations_left = 0; }

    test::LogCapture log_{spdlog::level::debug};
    ServerThread server_{{.port = 0, .logger = log_.logger(), .session_timeout = 1h}};
};

/// Plays Asterisk to the call's end: `lines` and those that come, without the fences.
std::string answer_all(TcpPeer& peer, std::string lines = {}) {
    while (true) {
        const auto line = peer.line();
        const auto fence = line.find("costrix-fence-");
        if (fence == line.npos)
            lines += line + "\n";
        if (line == "<eof>" || line == "<timeout>")
            return lines;
        const auto value =
            fence == line.npos ? "value" : line.substr(fence, line.size() - fence - 1);
        peer.send("200 result=1 (" + value + ")\n");
    }
}

/// Threads that have been started already must be joined.
TEST(MemoryOfAServer, ThatRunsOutWhileItStartsIsAnException) {
    constexpr long kThreads = 4;
    long failed = 0;
    for (bool started = false; !started;) {
        ASSERT_LT(failed, 1000);
        FastAGIServer server({.port = 0});
        std::atomic<bool> over = false;
        starting = kThreads + 1;
        std::thread stop([&] {
            eventually([&] { return over || threads() >= starting; });
            allocations_left = 0;  // they may end before all have ended
            server.shutdown();
        });
        allocations_left = failed + 1;
        on_server = true;
        try {
            server.run(kThreads);
            started = true;
        } catch (const std::bad_alloc&) {
            ++failed;
        }
        on_server = false;
        allocations_left = 0;
        over = true;
        stop.join();
    }
    starting = 0;
    EXPECT_GT(failed, 10);
}

TEST_F(Memory, ThatRunsOutInACallEndsThatCallOnly) {
    fail_each("converse/and/a/path/that/is/not/short?a=b&c=d", [](TcpPeer& peer) {
        return answer_all(peer);
    });
}

TEST_F(Memory, ThatRunsOutAtADeadlineEndsThatCallOnly) {
    fail_each("time", [](TcpPeer& peer) {
        auto lines = peer.line();
        std::this_thread::sleep_for(30ms);  // the deadline passes
        peer.send("200 result=0\n");
        return answer_all(peer, lines);
    });
}

TEST_F(Memory, ThatRunsOutWhileACallSleepsEndsThatCallOnly) {
    fail_each("sleep", [](TcpPeer& peer) { return answer_all(peer); });
}

TEST_F(Memory, ThatRunsOutAtAHangupEndsThatCallOnly) {
    fail_each("hangup", [](TcpPeer& peer) {
        auto lines = peer.line();
        peer.send("200 result=0\nHANGUP\n");
        return answer_all(peer, lines);
    });
}

TEST_F(Memory, ThatRunsOutWhileCommandsWaitEndsThatCallOnly) {
    long failed = 0;
    for (bool none_left = false; !none_left; ++failed) {
        ASSERT_LT(failed, 1000);
        TcpPeer peer(server_.port());
        peer.call("several");
        ASSERT_EQ(peer.line(), "GET VARIABLE \"A\"");
        std::this_thread::sleep_for(20ms);  // the others have been queued
        allocations_left = failed + 1;
        asio_too = true;
        peer.send("HANGUP\n200 result=1 (value)\n");  // its outcome, and the end of those behind it
        ASSERT_EQ(answer_all(peer), "<eof>\n");
        ASSERT_TRUE(eventually([&] { return server_->sessions() == 0; })) << failed;
        asio_too = false;
        none_left = allocations_left.exchange(0) > 0;
    }
    EXPECT_GT(failed, 1);
}

TEST_F(Memory, ThatRunsOutDuringAPromptEndsThatCallOnly) {
    fail_each("prompt", [](TcpPeer& peer) { return answer_all(peer); });
}

// --- an AudioServer ------------------------------------------------------------------------------

asio::awaitable<void> say_each_again(AudioLine& line) {
    while (const auto frame = co_await line.read()) {
        line.write(frame->samples);
        co_await line.drained();
    }
}

asio::awaitable<void> wait_for_star(AudioLine& line) {
    while (const auto key = co_await line.next_key()) {
        if (*key == '*')
            break;
    }
}

asio::awaitable<void> say_it_again(AudioLine& line, const Uuid&) {
    on_server = true;
    co_await say_each_again(line);
}

asio::awaitable<void> say_it_until_star(AudioLine& line, const Uuid&) {
    co_await race(
        say_each_again(line), wait_for_star(line), wait_for_star(line), wait_for_star(line)
    );
}

// Elsewhere it has not been tried which of Asio's own allocations end the process.
#ifdef COSTRIX_PORTABLE
constexpr bool kAsioMayFail = false;
#else
constexpr bool kAsioMayFail = COSTRIX_ASIO_VERSION < 102300;
#endif

/// One line at a time in which an allocation fails. At the end, no connection holds up the drain.
class MemoryOfAnAudioServer : public ::testing::Test {
protected:
    MemoryOfAnAudioServer() {
        server_.register_audio_handler(std::nullopt, say_it_again);
        EXPECT_TRUE(is_served(*connect()));  // from now on the server's thread is known
    }
    ~MemoryOfAnAudioServer() override {
        fail_none();
        server_.shutdown();
        thread_.join();
        EXPECT_EQ(server_.counters().drain_cancelled, 0U) << log_.text();
        EXPECT_EQ(server_.counters().abandoned, 0U);
    }

    std::unique_ptr<test::AudioPeer> connect() const {
        auto peer = std::make_unique<test::AudioPeer>(server_.port());
        peer->send(test::identity(*Uuid::parse("40325ec2-5efd-4bd3-805f-53576e581d13")));
        return peer;
    }
    static void send(test::AudioPeer& peer, std::string_view bytes) {
        try {
            peer.send(bytes);
        } catch (const costrix::system_error&) {  // it was closed
        }
    }
    static std::string key(std::string_view which) {
        return std::string("\x03\0\x01", 3).append(which);
    }
    /// False if the line has ended instead.
    bool is_served(test::AudioPeer& peer) {
        const test::Samples samples(160, ++level_);
        send(peer, test::audio(samples));
        bool served = false;
        EXPECT_TRUE(eventually([&] {
            served = peer.has(samples);
            return served || peer.ended() || peer.closed();
        })) << "it hangs";
        return served;
    }
    bool all_ended() {
        return eventually([&] { return server_.counters().lines == 0; });
    }
    /// True if an allocation was still to fail.
    static bool fail_none() {
        asio_too = false;
        return allocations_left.exchange(0) > 0;
    }

    test::LogCapture log_;
    AudioServer server_{
        {.port = 0, .max_unidentified = 1, .drain_timeout = 30s, .logger = log_.logger()}};
    std::thread thread_{[this] { server_.run(); }};
    std::int16_t level_ = 0;
};

TEST_F(MemoryOfAnAudioServer, ThatRunsOutEndsThatLineOnly) {
    long failed = 0;
    for (bool none_left = false; !none_left && !HasFailure(); ++failed) {
        ASSERT_LT(failed, 1000);
        const test::AudioPeer stranger(server_.port());  // which the next one crowds out
        allocations_left = failed + 1;
        is_served(*connect());
        EXPECT_TRUE(all_ended());
        none_left = fail_none();
        EXPECT_TRUE(is_served(*connect())) << failed << "\n" << log_.text();
    }
    EXPECT_GT(failed, 5);
    std::printf("%ld allocations failed, one at a time\n", failed);
}

TEST_F(MemoryOfAnAudioServer, ThatRunsOutDuringALineEndsThatLineOnly) {
    server_.register_audio_handler(std::nullopt, say_it_until_star);
    long failed = 0;
    for (bool none_left = false; !none_left && !HasFailure(); ++failed) {
        ASSERT_LT(failed, 1000);
        auto peer = connect();
        ASSERT_TRUE(is_served(*peer) && is_served(*peer));
        allocations_left = failed + 1;
        asio_too = kAsioMayFail;
        for (int i = 0; i < 3; ++i) {
            send(*peer, key("1"));  // wakes several at once
            is_served(*peer);
        }
        send(*peer, key("*"));
        EXPECT_TRUE(eventually([&] { return peer->ended() || peer->closed(); })) << "it hangs";
        none_left = fail_none();
        peer.reset();
        EXPECT_TRUE(all_ended());
        EXPECT_TRUE(is_served(*connect())) << failed << "\n" << log_.text();
    }
    std::printf("%ld allocations failed, one at a time\n", failed);
}

}  // namespace
}  // namespace costrix::agi
