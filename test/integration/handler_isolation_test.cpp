// SPDX-License-Identifier: MIT
// What a handler does wrong harms its own call only: on the server's loops and on the user's.
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using test::answer;
using test::eventually;
using test::LogCapture;
using test::TcpPeer;
using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;

enum class Runs { itself, on_an_executor, on_a_pool };

/// A server with the two handlers of each test, run in one of three ways.
class HandlerIsolation : public ::testing::TestWithParam<Runs> {
protected:
    ~HandlerIsolation() override {
        if (!threads_.empty())
            stop();
    }

    void serve(const ScriptHandler& bad) {
        FastAGIServerOptions options{.port = 0, .logger = log_.logger()};
        options.after_hangup_timeout = after_hangup_timeout_;
        options.drain_timeout = 100ms;
        options.cleanup_timeout = 100ms;
        if (GetParam() == Runs::itself)
            server_ = std::make_unique<FastAGIServer>(options);
        else
            server_ = std::make_unique<FastAGIServer>(context_.get_executor(), options);
        server_->register_script_handler("bad", bad);
        server_->register_script_handler("good", answer);
        if (GetParam() == Runs::itself) {
            threads_.emplace_back([this] { server_->run(); });
            return;
        }
        served_ = asio::co_spawn(context_, server_->serve_forever(), asio::use_future);
        for (int i = 0; i < (GetParam() == Runs::on_a_pool ? 3 : 1); ++i)
            threads_.emplace_back([this] { context_.run(); });
    }

    /// False when it does not end.
    bool stop() {
        server_->shutdown();
        bool ended = true;
        if (served_.valid()) {
            ended = served_.wait_for(10s) == std::future_status::ready;
            context_.stop();
        }
        for (auto& thread : threads_)
            thread.join();
        threads_.clear();
        return ended;
    }

    bool serves() {
        TcpPeer good(server_->port());
        good.call("good");
        return good.answer_all() == "ANSWER\n";
    }

    /// Longer than a slow machine needs for a handler that ends by itself.
    std::chrono::milliseconds after_hangup_timeout_ = 30s;
    LogCapture log_{spdlog::level::debug};
    asio::io_context context_;
    std::unique_ptr<FastAGIServer> server_;
    std::vector<std::thread> threads_;
    std::future<void> served_;
};

asio::awaitable<void> ask_for_ever(AGI& call, const Request&) {
    for (;;) {
        try {
            co_await call.execute(GetData("enter").timeout(3s));
        } catch (...) {
        }
    }
}

TEST_P(HandlerIsolation, OfOneThatTriesForEverAfterTheHangup) {
    serve(ask_for_ever);
    TcpPeer bad(server_->port());
    bad.call("bad");
    bad.line();
    bad.send("200 result=-1\nHANGUP\n");
    EXPECT_EQ(bad.line(), "<eof>");
    EXPECT_TRUE(eventually([&] { return server_->counters().handler_failures == 1; }));
    const auto* said = "it tried again and again after its call had ended";
    EXPECT_TRUE(eventually([&] { return log_.has(said); })) << log_.text();
    EXPECT_TRUE(serves());
    EXPECT_TRUE(stop());
}

TEST_P(HandlerIsolation, OfOneThatTriesForEverWhileTheServerDrains) {
    serve(ask_for_ever);
    TcpPeer bad(server_->port());
    bad.call("bad");
    bad.line();
    EXPECT_TRUE(stop());
    EXPECT_EQ(server_->counters().drain_cancelled, 1U);
}

TEST_P(HandlerIsolation, OfOneThatWaitsForEverForSomethingElse) {
    auto wait_for_ever = [](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        for (;;) {
            try {
                asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
                co_await timer.async_wait(asio::use_awaitable);
            } catch (...) {
            }
        }
    };
    after_hangup_timeout_ = 50ms;
    serve(wait_for_ever);
    TcpPeer bad(server_->port());
    bad.call("bad");
    bad.line();
    bad.send("200 result=0\nHANGUP\n");
    EXPECT_EQ(bad.line(), "<eof>");  // its time after the hangup is over
    EXPECT_TRUE(serves());
    EXPECT_TRUE(stop());
}

asio::awaitable<void> execute_answer(AGI& call) {
    co_await call.execute(Answer());
    throw std::runtime_error("of another coroutine");
}

/// The completion handler that Asio's examples have.
void rethrow(std::exception_ptr error) {
    if (error)
        std::rethrow_exception(error);
}

TEST_P(HandlerIsolation, OfOneWhoseOtherCoroutineThrows) {
    auto spawns = [](AGI& call, const Request&) -> asio::awaitable<void> {
        asio::co_spawn(call.get_executor(), execute_answer(call), rethrow);
        co_await call.execute(WaitForDigit());
        co_await call.execute(Noop());
    };
    serve(spawns);
    TcpPeer bad(server_->port());
    bad.call("bad");
    EXPECT_EQ(bad.line(), "ANSWER");
    bad.send("200 result=0\n");
    EXPECT_EQ(bad.line(), "WAIT FOR DIGIT -1");
    bad.send("200 result=49\n");
    EXPECT_EQ(bad.line(), "NOOP");
    bad.send("200 result=0\n");
    EXPECT_EQ(bad.line(), "<eof>");
    EXPECT_EQ(server_->counters().stray_exceptions, 1U);
    EXPECT_EQ(server_->counters().finished, 1U);
    EXPECT_TRUE(log_.has("of another coroutine")) << log_.text();
}

TEST_P(HandlerIsolation, OfOneWhoseOtherCoroutineMeetsTheHangup) {
    auto spawns = [](AGI& call, const Request&) -> asio::awaitable<void> {
        asio::co_spawn(call.get_executor(), execute_answer(call), rethrow);
        co_await call.wait_for_hangup();
    };
    serve(spawns);
    TcpPeer bad(server_->port());
    bad.call("bad");
    EXPECT_EQ(bad.line(), "ANSWER");
    bad.send("HANGUP\n511 Command Not Permitted on a dead channel or intercept routine\n");
    EXPECT_EQ(bad.line(), "<eof>");
    EXPECT_TRUE(serves());
    EXPECT_TRUE(stop());
    EXPECT_EQ(server_->counters().stray_exceptions, 0U);
    EXPECT_EQ(server_->counters().hangups, 1U);
    EXPECT_FALSE(log_.has("error:")) << log_.text();
}

TEST_P(HandlerIsolation, CountsAHangupInAsiosOperatorsAsAHangup) {
    std::function<asio::awaitable<void>(AGI&)> flows[] = {
        [](AGI& call) -> asio::awaitable<void> {
            co_await (call.execute(WaitForDigit()) && call.sleep_for(1h));
        },
        [](AGI& call) -> asio::awaitable<void> {
            co_await (call.sleep_for(1h) && call.execute(WaitForDigit()));
        },
        [](AGI& call) -> asio::awaitable<void> {
            co_await (call.execute(WaitForDigit()) || call.execute(Noop()));
        },
    };
    auto flow = [&flows](AGI& call, const Request& request) -> asio::awaitable<void> {
        co_await flows[std::stoul(request.args.at(0))](call);
    };
    serve(flow);
    for (const char* const which : {"0", "1", "2"}) {
        TcpPeer bad(server_->port());
        bad.call("bad", std::string("agi_arg_1: ") + which + "\n");
        EXPECT_EQ(bad.line(), "WAIT FOR DIGIT -1");
        bad.send("200 result=-1\nHANGUP\n");
        EXPECT_EQ(bad.line(), "<eof>");
    }
    EXPECT_TRUE(stop());
    EXPECT_EQ(server_->counters().hangups, 3U);
    EXPECT_EQ(server_->counters().handler_failures, 0U);
    EXPECT_FALSE(log_.has("error:")) << log_.text();
}

INSTANTIATE_TEST_SUITE_P(
    Servers,
    HandlerIsolation,
    ::testing::Values(Runs::itself, Runs::on_an_executor, Runs::on_a_pool),
    [](const auto& parameter) {
        if (parameter.param == Runs::itself)
            return "RunningItself";
        return parameter.param == Runs::on_a_pool ? "OnThreeThreads" : "OnAnExecutor";
    }
);

}  // namespace
}  // namespace costrix::agi
