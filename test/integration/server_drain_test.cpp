// SPDX-License-Identifier: MIT
// How a FastAGIServer ends, how the next one takes over, and how it runs on several threads.
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace costrix::agi {
namespace {

using test::answer;
using test::eventually;
using test::LogCapture;
using test::ServerThread;
using test::TcpPeer;
using namespace std::chrono_literals;

class ServerDrain : public ::testing::Test {
protected:
    using Peers = std::vector<std::unique_ptr<TcpPeer>>;

    /// Starts it on three threads, holds 20 calls, and tells it to end.
    static void drain_by_signal(ServerThread& server, Peers& calls) {
        server->register_script_handler("x", answer);
        server.start(3);
        calls = test::hold_calls(server, 20);
        ASSERT_TRUE(eventually([&] { return server->sessions() == 20; }));
        ::kill(getpid(), SIGTERM);
        ASSERT_TRUE(eventually([&] { return test::refuses(server.port()); }));
    }

    LogCapture log_{spdlog::level::debug};
};

// --- the report ----------------------------------------------------------------------------------

TEST_F(ServerDrain, SaysHowManyCallsFinishedAndHowManyWereCancelled) {
    auto stubborn = [](AGI& call, const Request&) -> asio::awaitable<void> {
        asio::steady_timer hour(call.get_executor(), 1h);
        while (true) {
            try {
                co_await hour.async_wait(asio::use_awaitable);
            } catch (const costrix::system_error&) {
            }
            co_await asio::this_coro::reset_cancellation_state();
        }
    };
    ServerThread server(
        {.port = 0, .drain_timeout = 300ms, .cleanup_timeout = 50ms, .logger = log_.logger()}
    );
    server->register_script_handler("polite", answer);
    server->register_script_handler("stubborn", stubborn);
    server.start();
    TcpPeer early(server.port()), quick(server.port()), slow(server.port()), worst(server.port());
    early.call("polite");
    EXPECT_EQ(early.answer_all(), "ANSWER\n");
    quick.call("polite");
    slow.call("polite");
    EXPECT_EQ(quick.line(), "ANSWER");
    EXPECT_EQ(slow.line(), "ANSWER");
    worst.call("stubborn");
    ASSERT_TRUE(eventually([&] { return server->sessions() == 3; }));
    server->shutdown();
    quick.send("200 result=0\n");
    EXPECT_EQ(quick.line(), "<eof>");
    server.join();
    const auto counted = server.counters();
    EXPECT_EQ(counted.drained, 1U);
    EXPECT_EQ(counted.drain_cancelled, 2U);
    EXPECT_EQ(counted.abandoned, 1U);
    EXPECT_EQ(counted.cancelled, 1U);
    EXPECT_TRUE(log_.has("warning: drained: 1 call completed, 2 cancelled, 1 of them left behind"))
        << log_.text();
}

TEST_F(ServerDrain, IsReportedOnceWhenItIsAskedForTwice) {
    ServerThread server({.port = 0, .logger = log_.logger()});
    server->register_script_handler("x", answer);
    server.start();
    auto calls = test::hold_calls(server, 3);
    ASSERT_TRUE(eventually([&] { return server->sessions() == 3; }));
    server->shutdown();
    server->shutdown();
    for (const auto& call : calls)
        EXPECT_EQ(call->answer_all(), "ANSWER\n");
    server->shutdown();
    server.join();
    server->shutdown();
    EXPECT_EQ(server.counters().drained, 3U);
    EXPECT_TRUE(log_.has("info: drained: 3 calls completed, 0 cancelled")) << log_.text();
}

TEST_F(ServerDrain, ServesWhoWaitsToBeAccepted) {
    ServerThread server({.port = 0, .logger = log_.logger()});
    std::promise<void> blocked, go_on;
    auto block = [&](AGI&, const Request&) -> asio::awaitable<void> {
        blocked.set_value();
        go_on.get_future().wait();  // the loop stands still
        co_return;
    };
    server->register_script_handler("block", block);
    server->register_script_handler("x", answer);
    server.start();
    TcpPeer blocker(server.port());
    blocker.call("block");
    blocked.get_future().wait();
    auto calls = test::hold_calls(server, 30);  // connected as far as they know
    server->shutdown();
    go_on.set_value();
    for (const auto& call : calls)
        EXPECT_EQ(call->answer_all(), "ANSWER\n");
    server.join();
    EXPECT_EQ(server.counters().accepted, 31U);
}

// --- rolling restarts ----------------------------------------------------------------------------

/// Calls without a pause, and counts the calls that were not served.
class Callers {
public:
    Callers(std::uint16_t port, int number) {
        for (int i = 0; i < number; ++i)
            threads_.emplace_back([this, port] { run(port); });
    }
    ~Callers() { stop(); }
    void stop() {
        ended_ = true;
        for (auto& thread : threads_)
            thread.join();
        threads_.clear();
    }
    int served() const { return served_; }
    /// What went wrong, one line each.
    std::string failures() {
        std::lock_guard lock(mutex_);
        return failures_;
    }

private:
    void run(std::uint16_t port) {
        while (!ended_) {
            try {
                TcpPeer peer(port);
                peer.call("x");
                const auto lines = peer.answer_all();
                if (lines == "ANSWER\n")
                    ++served_;
                else
                    fail("got \"" + lines + '"');
            } catch (const std::system_error& error) {
                fail(error.what());
            }
        }
    }
    void fail(const std::string& what) {
        std::lock_guard lock(mutex_);
        failures_ += what + "\n";
    }

    std::vector<std::thread> threads_;
    std::atomic<bool> ended_ = false;
    std::atomic<int> served_ = 0;
    std::mutex mutex_;
    std::string failures_;
};

TEST_F(ServerDrain, LosesNoCallWhenTheNextServerTakesOver) {
#ifdef COSTRIX_PORTABLE
    GTEST_SKIP() << "only Linux can drop handshakes before a socket is closed: docs/design.md";
#endif
    const auto make = [&](std::uint16_t port) {
        auto server = std::make_unique<ServerThread>(FastAGIServerOptions{
            .port = port, .reuse_port = true, .logger = log_.logger()});
        (*server)->register_script_handler("x", answer);
        server->start();
        return server;
    };
    auto current = make(0);
    const auto port = current->port();
    Callers callers(port, 4);
    std::uint64_t accepted = 0;
    for (int restart = 0; restart < 8; ++restart) {
        const auto before = current->counters().accepted;
        ASSERT_TRUE(eventually([&] { return current->counters().accepted >= before + 50; }));
        auto next = make(port);
        current->stop();  // returns when its last call has ended
        accepted += current->counters().accepted;
        current = std::move(next);
    }
    callers.stop();
    current->stop();
    accepted += current->counters().accepted;
    EXPECT_EQ(callers.failures(), "");
    EXPECT_EQ(accepted, static_cast<std::uint64_t>(callers.served()));
    EXPECT_GE(callers.served(), 400);
}

TEST_F(ServerDrain, KeepsThePortToItselfUnlessToldOtherwise) {
    ServerThread first({.port = 0, .logger = log_.logger()});
    EXPECT_THROW(
        FastAGIServer({.port = first.port(), .reuse_port = true, .logger = log_.logger()}),
        std::system_error
    );
}

// --- threads -------------------------------------------------------------------------------------

/// Remembers which threads it was called on.
class ThreadIds {
public:
    ScriptHandler handler() {
        return [this](AGI& call, const Request&) -> asio::awaitable<void> {
            note();
            const auto before = std::this_thread::get_id();
            co_await call.execute(Answer());
            if (std::this_thread::get_id() != before)
                ++moved;
        };
    }
    std::size_t seen() {
        std::lock_guard lock(mutex_);
        return ids_.size();
    }
    std::atomic<int> moved = 0;

private:
    void note() {
        std::lock_guard lock(mutex_);
        ids_.insert(std::this_thread::get_id());
    }

    std::mutex mutex_;
    std::set<std::thread::id> ids_;
};

TEST_F(ServerDrain, RunsCallsOnEachThreadFromBeginningToEnd) {
    ServerThread server({.port = 0, .logger = log_.logger()});
    ThreadIds threads;
    server->register_script_handler("x", threads.handler());
    server.start(3);
    std::uint64_t calls = 0;
    ASSERT_TRUE(eventually([&] {
        TcpPeer peer(server.port());
        peer.call("x");
        EXPECT_EQ(peer.answer_all(), "ANSWER\n");
        ++calls;
        return threads.seen() == 3;
    }));
    EXPECT_EQ(threads.moved, 0);
    server.stop();
    EXPECT_EQ(server.counters().accepted, calls);
    EXPECT_EQ(server.counters().finished, calls);
    EXPECT_TRUE(test::refuses(server.port()));
}

TEST_F(ServerDrain, ShowsHandlersToAllThreads) {
    ServerThread server({.port = 0, .logger = log_.logger()});
    server->register_script_handler("before", answer);
    server.start(3);
    const auto lines = [&](std::string_view path) {
        TcpPeer peer(server.port());
        peer.call(path);
        return peer.answer_all();
    };
    EXPECT_EQ(lines("before"), "ANSWER\n");  // now it runs
    server->register_script_handler("during", answer);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(lines("before"), "ANSWER\n");
        EXPECT_EQ(lines("during"), "ANSWER\n");
    }
    EXPECT_TRUE(server->unregister_script_handler("before"));
    EXPECT_FALSE(server->unregister_script_handler("before"));
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(lines("before"), "");
        EXPECT_EQ(lines("during"), "ANSWER\n");
    }
    server->clear_script_handlers();
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(lines("during"), "");
}

TEST_F(ServerDrain, DividesItsLimitsAmongTheThreads) {
    ServerThread server({.port = 0, .max_sessions = 40, .logger = log_.logger()});
    server->register_script_handler("x", answer);
    server.start(2);
    std::vector<std::unique_ptr<TcpPeer>> calls;
    ASSERT_TRUE(eventually([&] {
        try {
            calls.push_back(std::make_unique<TcpPeer>(server.port()));
            calls.back()->call("x");
            return false;
        } catch (const std::system_error&) {
            return true;
        }
    }));
    EXPECT_GE(calls.size(), 40U);
    EXPECT_LE(calls.size(), 80U);  // with those in the queues
    for (const auto& call : calls)
        EXPECT_EQ(call->answer_all(), "ANSWER\n");
}

TEST_F(ServerDrain, ServesOneSessionOnEachThreadAtLeast) {
    ServerThread server({.port = 0, .max_sessions = 1, .logger = log_.logger()});
    ThreadIds threads;
    server->register_script_handler("x", threads.handler());
    server.start(3);
    std::vector<std::unique_ptr<TcpPeer>> calls;
    EXPECT_TRUE(eventually([&] {
        try {
            calls.push_back(std::make_unique<TcpPeer>(server.port()));
            calls.back()->call("x");
        } catch (const std::system_error&) {  // all are busy, and one of them not yet counted
        }
        return threads.seen() == 3;
    }));
    for (const auto& call : calls)
        EXPECT_EQ(call->answer_all(), "ANSWER\n");
}

TEST_F(ServerDrain, EndsAllThreadsOnASignal) {
    ServerThread server({.port = 0, .handle_signals = true, .logger = log_.logger()});
    Peers calls;
    ASSERT_NO_FATAL_FAILURE(drain_by_signal(server, calls));
    for (const auto& call : calls)
        EXPECT_EQ(call->answer_all(), "ANSWER\n");
    server.join();
    EXPECT_EQ(server.counters().finished, 20U);
    EXPECT_GE(server.counters().drained, 20U);  // and who asked whether it refuses
    EXPECT_TRUE(log_.has(" calls completed, 0 cancelled")) << log_.text();
}

TEST_F(ServerDrain, EndsAllThreadsAtOnceOnASecondSignal) {
    ServerThread server({.port = 0, .handle_signals = true, .logger = log_.logger()});
    Peers calls;
    ASSERT_NO_FATAL_FAILURE(drain_by_signal(server, calls));
    ::kill(getpid(), SIGTERM);
    server.join();
    EXPECT_GE(server->sessions(), 20U);  // and who asked whether it refuses
}

TEST_F(ServerDrain, NeedsAThread) {
    FastAGIServer server({.port = 0, .logger = log_.logger()});
    EXPECT_THROW(server.run(0), std::invalid_argument);
}

}  // namespace
}  // namespace costrix::agi
