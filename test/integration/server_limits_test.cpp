// SPDX-License-Identifier: MIT
// FastAGIServer's limits over real sockets: what is refused, what counts it, what the log says.
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>

#include <gtest/gtest.h>

#include <atomic>
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

class ServerLimits : public ::testing::Test {
protected:
    LogCapture log_{spdlog::level::debug};
};

// --- sessions at once ----------------------------------------------------------------------------

TEST_F(ServerLimits, RefuseNewCallsUntilATenthHasEnded) {
    ServerThread server({.port = 0, .max_sessions = 20, .logger = log_.logger()});
    server->register_script_handler("x", answer);
    server.start();
    auto calls = test::hold_calls(server, 20);
    ASSERT_TRUE(eventually([&] { return test::refuses(server.port()); })) << log_.text();
    EXPECT_TRUE(log_.has("warning: 20 sessions at once: new calls are refused")) << log_.text();
    EXPECT_EQ(server.counters().overloads, 1U);

    EXPECT_EQ(calls.back()->answer_all(), "ANSWER\n");  // those that run are none the worse
    calls.pop_back();
    ASSERT_TRUE(eventually([&] { return server->sessions() == 19; }));
    EXPECT_TRUE(test::refuses(server.port()));
    EXPECT_EQ(calls.back()->answer_all(), "ANSWER\n");
    calls.pop_back();
    ASSERT_TRUE(eventually([&] { return test::accepts(server.port()); })) << log_.text();
    EXPECT_TRUE(log_.has("warning: 18 sessions left: new calls are accepted again")) << log_.text();
    TcpPeer next(server.port());
    next.call("x");
    EXPECT_EQ(next.answer_all(), "ANSWER\n");
    for (const auto& call : calls)
        EXPECT_EQ(call->answer_all(), "ANSWER\n");
}

TEST_F(ServerLimits, ServeWhoWasConnectedWhenTheyWereReached) {
    ServerThread server({.port = 0, .max_sessions = 5, .logger = log_.logger()});
    server->register_script_handler("x", answer);
    auto calls = test::hold_calls(server, 15);  // all in the queue before anybody is accepted
    server.start();
    ASSERT_TRUE(eventually([&] { return test::refuses(server.port()); })) << log_.text();
    for (const auto& call : calls)
        EXPECT_EQ(call->answer_all(), "ANSWER\n");
    ASSERT_TRUE(eventually([&] { return test::accepts(server.port()); }));
    ASSERT_TRUE(eventually([&] { return server.counters().sessions == 0; }));
}

TEST_F(ServerLimits, CanBeReachedAgainAndAgain) {
    ServerThread server({.port = 0, .max_sessions = 3, .logger = log_.logger()});
    server->register_script_handler("x", answer);
    server.start();
    for (std::uint64_t round = 1; round <= 10; ++round) {
        auto calls = test::hold_calls(server, 3);
        ASSERT_TRUE(eventually([&] { return server.counters().overloads == round; })) << round;
        for (const auto& call : calls)
            EXPECT_EQ(call->answer_all(), "ANSWER\n");
        ASSERT_TRUE(eventually([&] { return test::accepts(server.port()); })) << round;
        ASSERT_TRUE(eventually([&] {  // what accepts() has connected has ended as well
            return server.counters().accepted >= 4 * round && server->sessions() == 0;
        }));
    }
}

TEST_F(ServerLimits, GiveCallsToTheBusyHandlerWhereThereIsOne) {
    auto busy = [](AGI& call, const Request& request) -> asio::awaitable<void> {
        co_await call.execute(Exec("Congestion", request.path));
    };
    ServerThread server(
        {.port = 0,
         .max_sessions = 2,
         .busy = busy,
         .max_busy_sessions = 1,
         .logger = log_.logger()}
    );
    server->register_script_handler("x", answer);
    server.start();
    auto calls = test::hold_calls(server, 2);
    ASSERT_TRUE(eventually([&] { return server->sessions() == 2; }));
    {
        TcpPeer third(server.port());
        third.call("x");
        EXPECT_EQ(third.line(), "EXEC \"Congestion\" \"x\"");
        EXPECT_EQ(server.counters().busy, 1U);
        EXPECT_TRUE(eventually([&] { return test::refuses(server.port()); })) << log_.text();
        third.send("200 result=-1\nHANGUP\n");
        EXPECT_EQ(third.line(), "<eof>");
    }
    for (const auto& call : calls)
        EXPECT_EQ(call->answer_all(), "ANSWER\n");
    ASSERT_TRUE(eventually([&] { return test::accepts(server.port()); }));
    ASSERT_TRUE(eventually([&] { return server->sessions() == 0; }));
    TcpPeer next(server.port());
    next.call("x");
    EXPECT_EQ(next.answer_all(), "ANSWER\n");
#ifndef COSTRIX_PORTABLE  // otherwise attempts to connect get through until it does not listen
    EXPECT_EQ(server.counters().busy, 1U);
#endif
}

TEST_F(ServerLimits, BoundTheSessionsOfOnePeer) {
    ServerThread server({.port = 0, .max_sessions_per_peer = 2, .logger = log_.logger()});
    server->register_script_handler("x", answer);
    server.start();
    auto calls = test::hold_calls(server, 2);
    ASSERT_TRUE(eventually([&] { return server->sessions() == 2; }));
    TcpPeer third(server.port());
    third.call("x");
    EXPECT_EQ(third.line(), "<eof>");
    EXPECT_EQ(server.counters().refused_per_peer, 1U);
    EXPECT_TRUE(log_.has("warning: 127.0.0.1 has as many sessions as it may: connection closed"))
        << log_.text();
    TcpPeer other(server.port(), "127.0.0.1", "127.0.0.2");
    other.call("x");
    EXPECT_EQ(other.answer_all(), "ANSWER\n");
    EXPECT_EQ(calls.back()->answer_all(), "ANSWER\n");
    ASSERT_TRUE(eventually([&] { return server->sessions() == 1; }));
    TcpPeer next(server.port());
    next.call("x");
    EXPECT_EQ(next.answer_all(), "ANSWER\n");
}

TEST_F(ServerLimits, RefuseToBeNothing) {
    EXPECT_THROW(FastAGIServer({.port = 0, .max_sessions = 0}), std::invalid_argument);
    EXPECT_THROW(FastAGIServer({.port = 0, .max_sessions_per_peer = 0}), std::invalid_argument);
}

// --- what a peer may send ------------------------------------------------------------------------

TEST_F(ServerLimits, BoundThePathBeforeAnyPatternSeesIt) {
    ServerThread server({.port = 0, .logger = log_.logger(), .max_path = 100});
    server->register_script_handler("a+$", answer);
    server.start();
    TcpPeer longest(server.port());
    longest.call(std::string(100, 'a') + "?" + std::string(2000, 'q'));
    EXPECT_EQ(longest.answer_all(), "ANSWER\n");
    TcpPeer longer(server.port());
    longer.call(std::string(101, 'a'));
    EXPECT_EQ(longer.answer_all(), "");
    EXPECT_EQ(server.counters().refused_path, 1U);
    EXPECT_TRUE(log_.has("a path of 101 bytes; connection of 127.0.0.1 closed")) << log_.text();
}

TEST_F(ServerLimits, AreCountedByWhatWasWrong) {
    ServerThread server(
        {.port = 0, .logger = log_.logger(), .max_reply = 1000, .environment_timeout = 1s}
    );
    server->register_script_handler("x", answer);
    server.start();
    const auto sends = [&](std::string_view bytes) {
        TcpPeer peer(server.port());
        peer.send(bytes);
        return peer.answer_all(bytes);
    };
    TcpPeer(server.port()).close();
    {
        TcpPeer half(server.port());
        half.send("agi_network: yes\n");
    }
    sends("");
    sends("GET / HTTP/1.1\r\n");
    sends("agi_network: yes\n" + std::string(70000, 'x'));
    {
        TcpPeer nowhere(server.port());
        nowhere.call("nowhere");
        nowhere.answer_all();
    }
    {
        TcpPeer chatterer(server.port());
        chatterer.call("x");
        chatterer.answer_all("200 result=1 (" + std::string(1000, 'x'));
    }
    {
        TcpPeer noisy(server.port());
        noisy.call("x");
        EXPECT_EQ(noisy.line(), "ANSWER");
        noisy.send("no reply\n");
        EXPECT_EQ(noisy.line(), "<eof>");
    }
    {
        TcpPeer eager(server.port());
        eager.call("x", "\n" + std::string(101, '\n'));
        EXPECT_EQ(eager.line(), "<eof>");
    }
    ASSERT_TRUE(eventually([&] { return server->sessions() == 0; }));
    const auto counted = server.counters();
    EXPECT_EQ(counted.accepted, 9U);
    EXPECT_EQ(counted.health_probes, 1U);
    EXPECT_EQ(counted.environment_cut, 1U);
    EXPECT_EQ(counted.environment_timeouts, 1U);
    EXPECT_EQ(counted.not_agi, 1U);
    EXPECT_EQ(counted.environment_too_long, 1U);
    EXPECT_EQ(counted.refused_no_route, 1U);
    EXPECT_EQ(counted.reply_too_long, 1U);
    EXPECT_EQ(counted.not_a_reply, 2U);
    EXPECT_EQ(counted.internal_errors, 0U);
}

TEST_F(ServerLimits, CloseAPeerThatAnswersAndDoesNotRead) {
    std::atomic<int> asked = 0;
    auto talk = [&asked](AGI& call, const Request&) -> asio::awaitable<void> {
        const Noop noop(std::string(8000, 'x'));
        while (true) {
            ++asked;  // and sent before the server reads again
            co_await call.execute(noop);
        }
    };
    ServerThread server({.port = 0, .logger = log_.logger(), .max_write_backlog = 10000});
    server->register_script_handler("talk", talk);
    server.start();
    TcpPeer peer(server.port());
    peer.call("talk");
    const auto closed = [&] { return server.counters().write_backlog_exceeded == 1; };
    for (int answered = 0; !closed(); ++answered) {  // until the kernel's buffers are full
        ASSERT_TRUE(eventually([&] { return asked > answered || closed(); }));
        peer.send("200 result=0\n");
    }
    EXPECT_TRUE(log_.has("it does not read")) << log_.text();
}

/// The shortest `peer_timeout` there is: this takes six seconds.
TEST_F(ServerLimits, GiveUpAPeerWhoseHostAnswersNothing) {
    ServerThread server({.port = 0, .logger = log_.logger(), .peer_timeout = 6s});
    server->register_script_handler("x", answer);
    server.start();
    TcpPeer peer(server.port());
    peer.call("x");
    EXPECT_EQ(peer.line(), "ANSWER");
    peer.vanish();
    EXPECT_TRUE(eventually([&] { return server.counters().peer_timeouts == 1; })) << log_.text();
    EXPECT_TRUE(eventually([&] { return server->sessions() == 0; }));
}

TEST_F(ServerLimits, CountHowHandlersEnd) {
    ServerThread server({.port = 0, .logger = log_.logger()});
    auto deadline = [](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Noop(), 1ms);
    };
    auto failure = [](AGI&, const Request&) -> asio::awaitable<void> {
        throw 42;
        co_return;
    };
    server->register_script_handler("answer", answer);
    server->register_script_handler("deadline", deadline);
    server->register_script_handler("failure", failure);
    server.start();
    TcpPeer good(server.port()), late(server.port()), wrong(server.port()), gone(server.port());
    good.call("answer");
    EXPECT_EQ(good.answer_all(), "ANSWER\n");
    late.call("deadline");
    EXPECT_EQ(late.line(), "NOOP");
    EXPECT_EQ(late.line(), "<eof>");
    wrong.call("failure");
    EXPECT_EQ(wrong.line(), "<eof>");
    gone.call("answer");
    EXPECT_EQ(gone.line(), "ANSWER");
    gone.close();
    ASSERT_TRUE(eventually([&] { return server->sessions() == 0; }));
    const auto counted = server.counters();
    EXPECT_EQ(counted.finished, 1U);
    EXPECT_EQ(counted.handler_timeouts, 1U);
    EXPECT_EQ(counted.handler_failures, 1U);
    EXPECT_EQ(counted.hangups, 1U);
    EXPECT_EQ(counted.commands, 1U);
}

TEST_F(ServerLimits, KeepAPeerFromFillingTheLog) {
    ServerThread server({.port = 0, .logger = log_.logger()});
    server.start();
    for (int i = 0; i < 100; ++i) {
        TcpPeer peer(server.port());
        peer.send("nonsense\n");
        peer.answer_all();
    }
    server.stop();
    EXPECT_EQ(server.counters().not_agi, 100U);
    EXPECT_EQ(log_.count("does not begin"), 20U);
}

// --- admission -----------------------------------------------------------------------------------

TEST_F(ServerLimits, AskTheAdmissionBeforeTheHandlerRuns) {
    std::vector<std::string> asked;
    auto admit = [&asked](const AdmissionRequest& call) {
        asked.push_back(
            call.request.peer->address().to_string() + " " +
            std::string(call.environment.channel()) + " " + call.request.path + " " +
            std::string(call.request.match["who"])
        );
        if (call.request.match["who"] == "nobody")
            throw std::runtime_error("no such\naccount");
        if (call.request.match["who"] == "odd")
            throw 42;
        return call.request.match["who"] == "alice";
    };
    ServerThread server({.port = 0, .admission = admit, .logger = log_.logger()});
    server->register_script_handler("call/(?<who>\\w+)", answer);
    server.start();
    const auto lines = [&](std::string_view path) {
        TcpPeer peer(server.port());
        peer.call(path);
        return peer.answer_all();
    };
    EXPECT_EQ(lines("call/alice"), "ANSWER\n");
    EXPECT_EQ(lines("call/mallory"), "");
    EXPECT_EQ(lines("call/nobody"), "");
    EXPECT_EQ(lines("call/odd"), "");
    EXPECT_EQ(lines("nowhere"), "");  // nobody is asked about a path without a handler
    server.stop();
    EXPECT_EQ(
        asked,
        (std::vector<std::string>{
            "127.0.0.1 Local/1 call/alice alice",
            "127.0.0.1 Local/1 call/mallory mallory",
            "127.0.0.1 Local/1 call/nobody nobody",
            "127.0.0.1 Local/1 call/odd odd"})
    );
    EXPECT_EQ(server.counters().refused_admission, 3U);
    EXPECT_EQ(server.counters().finished, 1U);
    const auto text = log_.text();
    EXPECT_TRUE(log_.has("warning: 17.1 Local/1 call/mallory: not admitted; connection of 127.0."))
        << text;
    EXPECT_TRUE(log_.has("call/nobody: the admission threw: no such\\x0aaccount;")) << text;
    EXPECT_TRUE(log_.has("call/odd: the admission threw an exception that is no std")) << text;
}

/// As a look-up in a database.
TEST_F(ServerLimits, AwaitAnAdmissionThatIsACoroutine) {
    auto look_up = [](const AdmissionRequest& call) -> asio::awaitable<bool> {
        asio::steady_timer query(co_await asio::this_coro::executor, 1ms);
        co_await query.async_wait(asio::use_awaitable);
        if (call.request.match["who"] == "nobody")
            throw std::runtime_error("no such\naccount");
        co_return call.request.match["who"] == "alice";
    };
    ServerThread server({.port = 0, .admission = look_up, .logger = log_.logger()});
    server->register_script_handler("call/(?<who>\\w+)", answer);
    server.start();
    const auto lines = [&](std::string_view path) {
        TcpPeer peer(server.port());
        peer.call(path);
        return peer.answer_all();
    };
    EXPECT_EQ(lines("call/alice"), "ANSWER\n");
    EXPECT_EQ(lines("call/mallory"), "");
    EXPECT_EQ(lines("call/nobody"), "");
    EXPECT_EQ(lines("nowhere"), "");
    server.stop();
    EXPECT_EQ(server.counters().refused_admission, 2U);
    EXPECT_EQ(server.counters().refused_no_route, 1U);
    EXPECT_EQ(server.counters().finished, 1U);
    EXPECT_EQ(server.counters().handler_failures, 0U);
    EXPECT_EQ(log_.count("info: 17.1 Local/1 call/alice: returned, "), 1U) << log_.text();
    EXPECT_EQ(log_.count("call/mallory"), 1U) << log_.text();
    EXPECT_TRUE(log_.has("warning: 17.1 Local/1 call/mallory: not admitted; connection of 127.0."))
        << log_.text();
    EXPECT_TRUE(log_.has("call/nobody: the admission threw: no such\\x0aaccount;")) << log_.text();
}

TEST_F(ServerLimits, CancelAnAdmissionWhoseConnectionEnds) {
    std::atomic<int> asked = 0, cancelled = 0;
    auto look_up = [&](const AdmissionRequest&) -> asio::awaitable<bool> {
        asio::steady_timer never(co_await asio::this_coro::executor, 1h);
        ++asked;
        try {
            co_await never.async_wait(asio::use_awaitable);
        } catch (const costrix::system_error& error) {
            cancelled += error.code() == asio::error::operation_aborted;
            throw;
        }
        co_return true;
    };
    ServerThread server(
        {.port = 0, .admission = look_up, .drain_timeout = 0ms, .logger = log_.logger()}
    );
    server->register_script_handler("x", answer);
    server.start();
    TcpPeer gone(server.port()), drained(server.port());
    gone.call("x");
    drained.call("x");
    ASSERT_TRUE(eventually([&] { return asked == 2; }));
    gone.close();
    ASSERT_TRUE(eventually([&] { return server->sessions() == 1; }));
    EXPECT_EQ(cancelled, 1);
    EXPECT_EQ(server.counters().hangups, 1U);
    server.stop();
    EXPECT_EQ(cancelled, 2);
    EXPECT_EQ(drained.line(), "<eof>");
    EXPECT_EQ(server.counters().cancelled, 1U);
    EXPECT_EQ(server.counters().refused_admission, 0U);
}

}  // namespace
}  // namespace costrix::agi
