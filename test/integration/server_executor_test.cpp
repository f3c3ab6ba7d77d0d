// SPDX-License-Identifier: MIT
// FastAGIServer on an executor of the user's: threads that it shares, and who outlives whom.
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_future.hpp>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>

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
