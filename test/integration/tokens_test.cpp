// SPDX-License-Identifier: MIT
// Completion tokens while several threads run one io_context.
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#ifdef COSTRIX_BOOST_ASIO
#include <boost/asio/experimental/parallel_group.hpp>
#else
#include <asio/experimental/parallel_group.hpp>
#endif

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using test::TcpPeer;
using namespace std::chrono_literals;
using Value = ResultOf<GetVariable>;

constexpr int kPeers = 4;
constexpr int kCallsEach = 25;

/// Ends when the callback of another operation has been called.
asio::awaitable<void> by_callback(AGI& call) {
    asio::steady_timer done(
        co_await asio::this_coro::executor, asio::steady_timer::time_point::max()
    );
    error_code failure;
    auto finished = [&done, &failure](error_code code, const Value&) {
        failure = code;
        done.cancel();
    };
    call.async_execute(GetVariable("callback"), finished);
    co_await done.async_wait(as_tuple(asio::use_awaitable));
    if (failure)
        throw system_error(failure);
}

TEST(TokensOnThreads, KeepEachCallInStep) {
    asio::io_context context;
    FastAGIServer server(context.get_executor(), {.port = 0});
    std::atomic<int> served = 0;
    auto flow = [&served](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.async_execute(Answer(), asio::use_awaitable);
        auto tuple = as_tuple(asio::use_awaitable);
        auto [code, value] = co_await call.async_execute(GetVariable("tuple"), 5s, tuple);
        error_code redirected;
        auto redirect = asio::redirect_error(asio::use_awaitable, redirected);
        co_await call.async_execute(GetVariable("redirect"), std::move(redirect));
        co_await by_callback(call);
        auto waits = call.async_wait_for_hangup(deferred);
        auto plays = call.async_execute(GetVariable("group"), deferred);
        auto group = asio::experimental::make_parallel_group(std::move(plays), std::move(waits));
        auto ended =
            co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
        if (!code && !redirected && !std::get<1>(ended) && std::get<0>(ended)[0] == 0)
            ++served;
    };
    server.register_script_handler("x", flow);
    auto done = asio::co_spawn(context, server.serve_forever(), asio::use_future);
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&context] { context.run(); });
    std::atomic<int> in_step = 0;
    for (int i = 0; i < kPeers; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < kCallsEach; ++n) {
                TcpPeer peer(server.port());
                peer.call("x");
                const auto heard = peer.answer_all();
                in_step += heard == "ANSWER\nGET VARIABLE \"tuple\"\nGET VARIABLE \"redirect\"\n"
                                    "GET VARIABLE \"callback\"\nGET VARIABLE \"group\"\n";
            }
        });
    for (std::size_t i = 3; i < threads.size(); ++i)
        threads[i].join();
    server.shutdown();
    for (std::size_t i = 0; i < 3; ++i)
        threads[i].join();
    done.get();
    EXPECT_EQ(in_step, kPeers * kCallsEach);
    EXPECT_EQ(served, kPeers * kCallsEach);
}

}  // namespace
}  // namespace costrix::agi
