// SPDX-License-Identifier: MIT
// A server's observer over real sockets: several threads, limits, draining; and the ids in the log.
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using test::answer;
using test::eventually;
using test::LogCapture;
using test::ServerThread;
using test::TcpPeer;

/// Counts from all threads, and lists the calls as a page would.
class Desk final : public Observer {
public:
    class Call final : public CallObserver {
    public:
        Call(Desk& desk, const ObservedCall& call) : desk_(desk), call_(call) {
            const std::lock_guard lock(desk_.mutex_);
            at_ = desk_.calls_.insert(desk_.calls_.end(), this);
        }
        ~Call() override {
            const std::lock_guard lock(desk_.mutex_);
            desk_.calls_.erase(at_);
        }
        void on_command(const SentCommand& sent) override {
            desk_.count("sent");
            waits_for_.store(&sent.name.front());
        }
        void on_finished(const FinishedCommand& finished) override {
            desk_.count(to_string(finished.how));
            waits_for_ = nullptr;
        }
        void on_end(const EndedCall& end) override { desk_.count(to_string(end.how)); }

        std::string row() const {
            const auto* const name = waits_for_.load();
            return call_.request.path + ' ' + (name ? std::string(name, 6) : "us");
        }

    private:
        Desk& desk_;
        const ObservedCall call_;
        std::list<Call*>::iterator at_;
        std::atomic<const char*> waits_for_ = nullptr;  // names live as long as the program
    };

    std::unique_ptr<CallObserver> on_call(const ObservedCall& call) override {
        count(call.busy ? "busy" : "by " + std::string(call.route));
        count("calls");
        {
            const std::lock_guard lock(mutex_);
            threads_.insert(std::this_thread::get_id());
        }
        return std::make_unique<Call>(*this, call);
    }
    void on_refusal(const Refusal& refusal) override {
        count(to_string(refusal.reason));
        const std::lock_guard lock(mutex_);
        refused_ = refusal.what;
    }
    void on_overload(bool full) override { count(full ? "full" : "room"); }
    void on_drain(std::size_t sessions) override {
        count("drains");
        for (std::size_t i = 0; i < sessions; ++i)
            count("to drain");
    }

    void count(std::string_view what) {
        const std::lock_guard lock(mutex_);
        ++counts_[std::string(what)];
    }
    std::uint64_t counted(const std::string& what) {
        const std::lock_guard lock(mutex_);
        return counts_[what];
    }
    std::size_t threads() {
        const std::lock_guard lock(mutex_);
        return threads_.size();
    }
    std::string refused() {
        const std::lock_guard lock(mutex_);
        return refused_;
    }
    /// The page.
    std::vector<std::string> rows() {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> rows;
        for (const auto* call : calls_)
            rows.push_back(call->row());
        return rows;
    }

private:
    std::mutex mutex_;
    std::list<Call*> calls_;
    std::map<std::string, std::uint64_t> counts_;
    std::set<std::thread::id> threads_;
    std::string refused_;
};

class ServerObserver : public ::testing::Test {
protected:
    std::shared_ptr<Desk> desk_ = std::make_shared<Desk>();
    LogCapture log_;
};

TEST_F(ServerObserver, CountsAsTheServerDoesOnSeveralThreads) {
    ServerThread server({.port = 0, .logger = log_.logger(), .observer = desk_});
    server->register_script_handler("x", answer);
    server->register_script_handler("bad", [](AGI&, const Request&) -> asio::awaitable<void> {
        throw std::runtime_error("bad");
        co_return;
    });
    server.start(2);
    constexpr int kCallers = 4, kCalls = 50;
    std::vector<std::thread> callers;
    for (int caller = 0; caller < kCallers; ++caller) {
        callers.emplace_back([&server] {
            for (int i = 0; i < kCalls; ++i) {
                TcpPeer peer(server.port());
                peer.call(i % 5 == 0 ? "nowhere" : i % 5 == 1 ? "bad" : "x");
                peer.answer_all(i % 5 == 2 ? "HANGUP\n200 result=-1\n" : "200 result=0\n");
            }
        });
    }
    for (auto& caller : callers)
        caller.join();
    server.stop();
    const auto counters = server.counters();
    EXPECT_EQ(counters.accepted, 200U);
    EXPECT_EQ(desk_->counted("calls"), 160U);
    EXPECT_EQ(desk_->counted("by x"), 120U);
    EXPECT_EQ(desk_->counted("no_route"), counters.refused_no_route);
    EXPECT_EQ(desk_->counted("returned"), counters.finished);
    EXPECT_EQ(desk_->counted("hung_up"), counters.hangups);
    EXPECT_EQ(desk_->counted("failed"), counters.handler_failures);
    EXPECT_EQ(counters.finished + counters.hangups + counters.handler_failures, 160U);
    EXPECT_EQ(desk_->counted("sent"), desk_->counted("replied"));
    EXPECT_EQ(desk_->counted("sent"), counters.commands);
    EXPECT_EQ(desk_->threads(), 2U);
    EXPECT_EQ(counters.observer_errors, 0U);
    EXPECT_TRUE(desk_->rows().empty());
}

TEST_F(ServerObserver, CanListCallsFromAnotherThread) {
    ServerThread server({.port = 0, .logger = log_.logger(), .observer = desk_});
    server->register_script_handler("x", answer);
    server.start();
    TcpPeer peer(server.port());
    peer.call("x?a=b");
    EXPECT_EQ(peer.line(), "ANSWER");
    ASSERT_TRUE(eventually([&] { return desk_->rows() == std::vector<std::string>{"x ANSWER"}; }));
    peer.send("200 result=0\n");
    EXPECT_EQ(peer.line(), "<eof>");
    EXPECT_TRUE(eventually([&] { return desk_->rows().empty(); }));
}

TEST_F(ServerObserver, LearnsWhenTheServerIsFull) {
    ServerThread server({.port = 0, .max_sessions = 2, .logger = log_.logger(), .observer = desk_});
    server->register_script_handler("x", answer);
    server.start();
    auto calls = test::hold_calls(server, 2);
    ASSERT_TRUE(eventually([&] { return desk_->counted("full") == 1; }));
    EXPECT_EQ(desk_->counted("room"), 0U);
    for (const auto& call : calls)
        call->answer_all();
    ASSERT_TRUE(eventually([&] { return desk_->counted("room") == 1; }));
}

TEST_F(ServerObserver, LearnsOfPeersThatMayNotCallOrHaveTooManyCalls) {
    ServerThread server(
        {.port = 0,
         .allow = {"127.0.0.1"},
         .max_sessions_per_peer = 1,
         .logger = log_.logger(),
         .observer = desk_}
    );
    server->register_script_handler("x", answer);
    server.start();
    {
        TcpPeer stranger(server.port(), "127.0.0.1", "127.0.0.2");
        EXPECT_EQ(stranger.line(), "<eof>");
    }
    EXPECT_EQ(desk_->refused(), "127.0.0.2 may not call");
    EXPECT_EQ(desk_->counted("address"), 1U);
    auto calls = test::hold_calls(server, 1);
    ASSERT_TRUE(eventually([&] { return server->sessions() == 1; }));
    {
        TcpPeer second(server.port());
        EXPECT_EQ(second.line(), "<eof>");
    }
    EXPECT_EQ(desk_->counted("per_peer"), 1U);
    calls.front()->answer_all();
}

TEST_F(ServerObserver, LearnsWhenTheServerDrains) {
    ServerThread server(
        {.port = 0,
         .drain_timeout = std::chrono::milliseconds(0),
         .logger = log_.logger(),
         .observer = desk_}
    );
    server->register_script_handler("x", answer);
    server.start();
    auto calls = test::hold_calls(server, 3);
    ASSERT_TRUE(eventually([&] { return desk_->counted("sent") == 3; }));
    server.stop();
    EXPECT_EQ(desk_->counted("drains"), 1U);
    EXPECT_EQ(desk_->counted("to drain"), 3U);
    EXPECT_EQ(desk_->counted("cancelled"), 3U);
    EXPECT_EQ(server.counters().cancelled, 3U);
}

TEST_F(ServerObserver, LearnsWhichCallsTheBusyHandlerHas) {
    ServerThread server(
        {.port = 0, .max_sessions = 1, .busy = answer, .logger = log_.logger(), .observer = desk_}
    );
    server->register_script_handler("x", answer);
    server.start();
    auto calls = test::hold_calls(server, 2);
    ASSERT_TRUE(eventually([&] { return desk_->counted("calls") == 2; }));
    EXPECT_EQ(desk_->counted("busy"), 1U);
    EXPECT_EQ(desk_->counted("by x"), 1U);
    for (const auto& call : calls)
        call->answer_all();
}

// --- the log -------------------------------------------------------------------------------------

constexpr std::string_view kIds =
    "x?linkedid=1.0&traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(ServerLog, HasTheIdsOfTheQueryInEachLineAboutACall) {
    LogCapture log;
    ServerThread server({.port = 0, .logger = log.logger()});
    server->register_script_handler("x", [](AGI&, const Request&) -> asio::awaitable<void> {
        throw std::runtime_error("bad");
        co_return;
    });
    server.start();
    TcpPeer peer(server.port());
    peer.call(kIds);
    EXPECT_EQ(peer.line(), "<eof>");
    const std::string ids = " linkedid=1.0 trace=4bf92f3577b34da6a3ce929d0e0e4736: ";
    ASSERT_TRUE(eventually([&] { return log.has(ids + "failed, "); })) << log.text();
    EXPECT_TRUE(log.has(ids + "the handler threw: bad")) << log.text();
}

TEST(ServerLog, CanBeJson) {
    LogCapture log(spdlog::level::trace);
    ServerThread server(
        {.port = 0, .allow = {"127.0.0.1"}, .logger = log.logger(), .log_format = LogFormat::json}
    );
    server->register_script_handler("x", answer);
    server.start();
    TcpPeer peer(server.port());
    peer.call("x\"\\\x1b" + std::string(kIds.substr(1)));
    peer.answer_all();
    TcpPeer stranger(server.port(), "127.0.0.1", "127.0.0.2");
    EXPECT_EQ(stranger.line(), "<eof>");
    server.stop();
    const std::string call =
        R"({"uniqueid": "17.1", "channel": "Local/1", "path": "x\"\\\\\\x1b", "linkedid": "1.0", )"
        R"("trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "peer": "127.0.0.1", "message": )";
    EXPECT_TRUE(log.has("trace: " + call + "\"> ANSWER\"}\n")) << log.text();
    EXPECT_TRUE(
        log.has("info: " + call + R"("the call has ended", "how": "returned", "duration_ms": )")
    ) << log.text();
    EXPECT_TRUE(log.has(", \"commands\": 1}\n")) << log.text();
    EXPECT_TRUE(log.has("warning: {\"message\": \"127.0.0.2 may not call: connection closed\"}\n"))
        << log.text();
    EXPECT_TRUE(log.has("info: {\"message\": \"shut down: no calls in progress\"}\n"))
        << log.text();
}

}  // namespace
}  // namespace costrix::agi
