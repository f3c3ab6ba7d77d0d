// SPDX-License-Identifier: MIT
// Prompts and work that end early, with a real Asterisk: how soon, and that the call goes on.
#include "asterisk/asterisk_fixture.hpp"

#include <costrix/asio.hpp>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <thread>

namespace costrix::agi {
namespace {

using test::AsteriskTest;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST_F(AsteriskTest, ACancelledPromptStopsAtOnce) {
    using namespace asio::experimental::awaitable_operators;
    std::chrono::duration<double, std::milli> gap{};
    std::optional<std::string> value;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        asio::steady_timer lookup(call.get_executor(), 500ms);
        co_await (lookup.async_wait(asio::use_awaitable) || call.execute(StreamFile("tt-monkeys")));
        const auto stopped = Clock::now();
        value = co_await call.execute(GetVariable("CHANNEL(language)"));
        gap = Clock::now() - stopped;
        co_await call.execute(StreamFile("beep"));
    };
    serve(flow);
    EXPECT_EQ(asterisk_.place(plan()).agistatus, "SUCCESS");
    EXPECT_EQ(value, "en");
    EXPECT_LT(gap.count(), 100.0);
}

TEST_F(AsteriskTest, TheNextPromptStartsAtOnceAfterOneThatWasInterrupted) {
    double gap = 1e9;  // milliseconds from the end of the work to the echo: then the next one plays
    std::optional<std::string> status;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        Clock::time_point done;
        auto work = [](AGI& that, Clock::time_point& end) -> asio::awaitable<void> {
            asio::steady_timer timer(that.get_executor(), 500ms);
            co_await timer.async_wait(asio::use_awaitable);
            end = Clock::now();
        };
        const auto both = co_await call.execute_during(StreamFile("tt-monkeys"), work(call, done));
        gap = std::chrono::duration<double, std::milli>(Clock::now() - done).count();
        EXPECT_FALSE(both.played);
        co_await call.execute(StreamFile("beep"));
        status = co_await call.execute(GetVariable("PLAYBACKSTATUS"));
    };
    serve(flow);
    EXPECT_EQ(asterisk_.place(plan()).agistatus, "SUCCESS");
    EXPECT_EQ(status, "SUCCESS");
    EXPECT_LT(gap, 100.0);
    std::cout << "next prompt after " << gap << " ms\n";
}

// Prompt and fence come in one packet, or nearly so: Asterisk may take both before it plays.
TEST_F(AsteriskTest, APromptIsCutShortByWorkThatEndsAtOnce) {
    int rounds = 0;
    double longest = 0;  // milliseconds
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        auto nothing = []() -> asio::awaitable<void> { co_return; };
        for (; rounds < 50; ++rounds) {
            const auto begin = Clock::now();
            const auto both = co_await call.execute_during(StreamFile("tt-monkeys"), nothing());
            const auto took = std::chrono::duration<double, std::milli>(Clock::now() - begin);
            longest = std::max(longest, took.count());
            EXPECT_FALSE(both.played);
        }
    };
    serve(flow);
    EXPECT_EQ(asterisk_.place(plan()).agistatus, "SUCCESS");
    EXPECT_EQ(rounds, 50);
    EXPECT_LT(longest, 1000.0);
    std::cout << "cut short after " << longest << " ms at most\n";
}

TEST_F(AsteriskTest, WorkIsCancelledWhenTheCallerHangsUp) {
    Clock::time_point hung_up, cancelled;
    std::atomic<bool> seen = false;
    auto work = [&](AGI& call) -> asio::awaitable<void> {
        asio::steady_timer timer(call.get_executor(), 10s);
        try {
            co_await timer.async_wait(asio::use_awaitable);
        } catch (const costrix::system_error&) {
            cancelled = Clock::now();
        }
    };
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        try {
            co_await call.unless_hung_up(work(call));
        } catch (const AGIResultHangup&) {
            seen = true;
        }
    };
    serve(flow);
    const auto id = asterisk_.start(plan());
    std::this_thread::sleep_for(1s);
    hung_up = Clock::now();
    asterisk_.hang_up(id);
    asterisk_.wait(id);
    finish();
    const auto late = std::chrono::duration<double, std::milli>(cancelled - hung_up).count();
    EXPECT_GT(late, 0.0);
    EXPECT_LT(late, 100.0);
    std::cout << "cancelled after " << late << " ms\n";
}

TEST_F(AsteriskTest, ADeadlineStopsAPromptAndTheCallGoesOn) {
    bool timed_out = false;
    std::optional<std::string> value;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        try {
            co_await call.execute(StreamFile("tt-monkeys"), 300ms);
        } catch (const AGITimeout&) {
            timed_out = true;
        }
        value = co_await call.execute(GetVariable("CHANNEL(language)"));
        try {
            co_await call.execute(Exec("Wait", "0.6"), 200ms);
        } catch (const AGITimeout&) {
        }
        value = value.value_or("") + (co_await call.execute(GetVariable("CONTEXT"))).value_or("");
    };
    serve(flow);
    EXPECT_EQ(asterisk_.place(plan()).agistatus, "SUCCESS");
    EXPECT_TRUE(timed_out);
    EXPECT_EQ(value, "encostrix-agi");
}

}  // namespace
}  // namespace costrix::agi
