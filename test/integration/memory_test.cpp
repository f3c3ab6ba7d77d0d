// SPDX-License-Identifier: MIT
// Every allocation that the server makes for a call fails once, and nothing else does.
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
#include <new>
#include <string>
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

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
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
        std::this_thread::sleep_for(5ms);  // the others have been queued
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

}  // namespace
}  // namespace costrix::agi
