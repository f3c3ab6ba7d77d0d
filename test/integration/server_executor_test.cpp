// SPDX-License-Identifier: MIT
// FastAGIServer on an executor of the user's: threads that it shares, and who outlives whom.
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using test::answer;
using test::LogCapture;
using test::TcpPeer;
using namespace std::chrono_literals;

class ServerExecutor : public ::testing::Test {
protected:
    LogCapture log_{spdlog::level::debug};
};

TEST_F(ServerExecutor, HandlesOneRequest) {
    asio::io_context context;
    FastAGIServer server(context.get_executor(), {.port = 0, .logger = log_.logger()});
    server.register_script_handler("x", answer);
    auto handled = asio::co_spawn(context, server.handle_request(), asio::use_future);
    std::thread thread([&] { context.run(); });
    TcpPeer first(server.port()), second(server.port());
    first.call("x");
    EXPECT_EQ(first.answer_all(), "ANSWER\n");
    EXPECT_TRUE(handled.get());
    thread.join();
    EXPECT_EQ(server.sessions(), 0U);
}

TEST_F(ServerExecutor, WaitsForTheOneRequestAndNoOtherCall) {
    asio::io_context context;
    FastAGIServer server(context.get_executor(), {.port = 0, .logger = log_.logger()});
    server.register_script_handler("x", answer);
    asio::cancellation_signal stop;
    auto served = asio::co_spawn(
        context, server.serve_forever(), asio::bind_cancellation_slot(stop.slot(), asio::use_future)
    );
    std::thread thread([&] { context.run(); });
    TcpPeer held(server.port());
    held.call("x");
    EXPECT_EQ(held.line(), "ANSWER");
    asio::post(context, [&stop] { stop.emit(asio::cancellation_type::terminal); });
    served.get();
    for (int i = 0; i < 2; ++i) {
        auto handled = asio::co_spawn(context, server.handle_request(), asio::use_future);
        TcpPeer brief(server.port());
        brief.call("x");
        EXPECT_EQ(brief.answer_all(), "ANSWER\n");
        ASSERT_EQ(handled.wait_for(5s), std::future_status::ready);
        EXPECT_TRUE(handled.get());
        EXPECT_EQ(server.sessions(), 1U);
    }
    held.close();
    thread.join();
}

TEST_F(ServerExecutor, GivesUpSilentlyWhenNoRequestComes) {
    asio::io_context context;
    FastAGIServer server(context.get_executor(), {.port = 0, .timeout = 20ms});
    auto handled = asio::co_spawn(context, server.handle_request(), asio::use_future);
    context.run();
    EXPECT_FALSE(handled.get());
}

TEST_F(ServerExecutor, RunsOnAPoolOfThreads) {
    std::atomic<int> ended = 0;
    asio::thread_pool pool(4);
    {
        FastAGIServer server(pool.get_executor(), {.port = 0, .logger = log_.logger()});
        auto flow = [&ended](AGI& call, const Request&) -> asio::awaitable<void> {
            for (int i = 0; i < 5; ++i) {
                co_await call.execute(GetVariable("A"));
                asio::steady_timer pause(co_await asio::this_coro::executor, 100us);
                co_await pause.async_wait(asio::use_awaitable);
            }
            ++ended;
        };
        server.register_script_handler("x", flow);
        auto served = asio::co_spawn(pool, server.serve_forever(), asio::use_future);
        std::vector<std::thread> callers;
        for (int i = 0; i < 8; ++i) {
            callers.emplace_back([&server] {
                for (int j = 0; j < 10; ++j) {
                    TcpPeer asterisk(server.port());
                    asterisk.call("x");
                    asterisk.answer_all("200 result=1 (v)\n");
                    server.register_script_handler("y" + std::to_string(j), answer);
                    server.unregister_script_handler("y" + std::to_string(j));
                }
            });
        }
        for (auto& caller : callers)
            caller.join();
        server.shutdown();
        served.get();
    }
    pool.join();
    EXPECT_EQ(ended, 80);
}

/// What blocks a thread, against all advice.
TEST_F(ServerExecutor, ServesOthersWhileAHandlerBlocks) {
    std::promise<void> release;
    const auto released = release.get_future().share();
    auto block = [released](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        released.wait();
    };
    auto give_up = [](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(WaitForDigit(), 20ms);
    };
    asio::thread_pool pool(4);
    FastAGIServer server(pool.get_executor(), {.port = 0, .logger = log_.logger()});
    server.register_script_handler("block", block);
    server.register_script_handler("x", answer);
    server.register_script_handler("time", give_up);
    auto served = asio::co_spawn(pool, server.serve_forever(), asio::use_future);
    {
        TcpPeer first(server.port());  // what all share has come into being with this one
        first.call("block");
        EXPECT_EQ(first.line(), "ANSWER");
        TcpPeer second(server.port());
        second.call("block");
        EXPECT_EQ(second.line(), "ANSWER");
        first.send("200 result=0\n");
        second.send("200 result=0\n");
        TcpPeer good(server.port());
        good.call("x");
        EXPECT_EQ(good.answer_all(), "ANSWER\n");
        TcpPeer late(server.port());
        late.call("time");
        EXPECT_EQ(late.line(), "WAIT FOR DIGIT -1");
        EXPECT_EQ(late.line(), "GET FULL VARIABLE \"costrix-fence-1\"");  // its deadline has passed
    }
    release.set_value();
    server.shutdown();
    served.get();
    pool.join();
}

/// The executor of a call to a server on `executor`, which `context` runs on this thread.
asio::any_io_executor
executor_of_a_call(asio::io_context& context, asio::any_io_executor executor, Threads threads) {
    asio::any_io_executor seen;
    auto flow = [&seen](AGI& call, const Request&) -> asio::awaitable<void> {
        seen = call.get_executor();
        for (int i = 0; i < 3; ++i)
            co_await call.execute(Noop());
    };
    const LogCapture log;
    FastAGIServer server(std::move(executor), {.port = 0, .logger = log.logger()}, threads);
    server.register_script_handler("x", flow);
    auto handled = asio::co_spawn(context, server.handle_request(), asio::use_future);
    std::thread caller([&server] {
        TcpPeer asterisk(server.port());
        asterisk.call("x");
        EXPECT_EQ(asterisk.answer_all(), "NOOP\nNOOP\nNOOP\n");
    });
    context.run();
    caller.join();
    EXPECT_TRUE(handled.get());
    return seen;
}

TEST_F(ServerExecutor, GivesEachCallAStrandUnlessItIsToldThatThereIsOneThread) {
    asio::io_context context;
    const asio::any_io_executor own = context.get_executor();
    const auto many = executor_of_a_call(context, own, Threads::many);
    EXPECT_TRUE(many.target_type() == typeid(asio::strand<asio::any_io_executor>));
    context.restart();
    EXPECT_TRUE(executor_of_a_call(context, own, Threads::one) == own);
}

TEST_F(ServerExecutor, RunsCallsOnAStrandThatItIsGiven) {
    asio::io_context context;
    const asio::any_io_executor of_context = asio::make_strand(context.get_executor());
    EXPECT_TRUE(executor_of_a_call(context, of_context, Threads::many) == of_context);
    context.restart();
    const asio::any_io_executor of_any =
        asio::make_strand(asio::any_io_executor(context.get_executor()));
    EXPECT_TRUE(executor_of_a_call(context, of_any, Threads::many) == of_any);
}

/// A strand of a pool, whose calls run one at a time.
TEST_F(ServerExecutor, RunsCallsOnAStrandOfAPool) {
    asio::thread_pool pool(4);
    std::atomic<int> at_once = 0, most = 0;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        for (int i = 0; i < 20; ++i) {
            most = std::max<int>(most, ++at_once);
            std::this_thread::yield();
            --at_once;
            co_await call.execute(Noop());
        }
    };
    FastAGIServer server(asio::make_strand(pool), {.port = 0, .logger = log_.logger()});
    server.register_script_handler("x", flow);
    auto served = asio::co_spawn(pool, server.serve_forever(), asio::use_future);
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
        callers.emplace_back([&server] {
            TcpPeer asterisk(server.port());
            asterisk.call("x");
            asterisk.answer_all();
        });
    }
    for (auto& caller : callers)
        caller.join();
    server.shutdown();
    served.get();
    pool.join();
    EXPECT_EQ(most, 1);
    EXPECT_EQ(server.counters().finished, 4U);
}

TEST_F(ServerExecutor, MayBeDestroyedWhileItWaitsForARequest) {
    asio::io_context context;
    auto server = std::make_unique<FastAGIServer>(
        context.get_executor(), FastAGIServerOptions{.port = 0, .logger = log_.logger()}
    );
    auto handled = asio::co_spawn(context, server->handle_request(), asio::use_future);
    context.poll();
    server.reset();
    context.run();
    EXPECT_FALSE(handled.get());
}

TEST_F(ServerExecutor, AcceptsForOneAtATime) {
    asio::io_context context;
    FastAGIServer server(context.get_executor(), {.port = 0, .logger = log_.logger()});
    auto served = asio::co_spawn(context, server.serve_forever(), asio::use_future);
    auto handled = asio::co_spawn(context, server.handle_request(), asio::use_future);
    context.poll();
    EXPECT_THROW(handled.get(), std::logic_error);
    server.shutdown();
    context.run();
    served.get();
    auto after = asio::co_spawn(context, server.handle_request(), asio::use_future);
    context.restart();
    context.run();
    EXPECT_FALSE(after.get()) << "it has been shut down";
}

}  // namespace
}  // namespace costrix::agi
