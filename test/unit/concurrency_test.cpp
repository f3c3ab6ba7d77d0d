// SPDX-License-Identifier: MIT
// race, join and run_on: who wins, who is cancelled, and on which thread.
#include "support/session_fixture.hpp"

#include <costrix/agi/actions/input.hpp>
#include <costrix/agi/actions/playback.hpp>
#include <costrix/agi/concurrency.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;

/// Ends when it is cancelled, and says so.
asio::awaitable<void> never(bool& cancelled) {
    asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
    try {
        co_await timer.async_wait(asio::use_awaitable);
    } catch (const costrix::system_error&) {
        cancelled = true;
        throw;
    }
}

asio::awaitable<int> soon(int value) {
    asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
    co_await timer.async_wait(asio::use_awaitable);
    co_return value;
}

asio::awaitable<void> fail() {
    co_await soon(0);
    throw std::runtime_error("failed");
}

class Concurrency : public test::SessionTest {
protected:
    bool cancelled_ = false, also_cancelled_ = false;
};

using Race = Concurrency;

TEST_F(Race, GivesTheFirstToEndAndCancelsTheOthers) {
    std::size_t index = 9;
    int value = 0;
    auto flow = [&]() -> asio::awaitable<void> {
        auto won = co_await race(never(cancelled_), soon(7), never(also_cancelled_));
        index = won.index();
        value = std::get<1>(won);
    };
    EXPECT_TRUE(wait_for(*start(flow())));
    EXPECT_EQ(index, 1U);
    EXPECT_EQ(value, 7);
    EXPECT_TRUE(cancelled_);
    EXPECT_TRUE(also_cancelled_);
}

TEST_F(Race, EndsWithTheFirstExceptionWhichOrOperatorWouldLose) {
    auto flow = [&]() -> asio::awaitable<void> { co_await race(never(cancelled_), fail()); };
    const auto task = start(flow());
    EXPECT_TRUE(wait_for(*task));
    EXPECT_EQ(task->what(), "failed");
    EXPECT_TRUE(cancelled_);
}

TEST_F(Race, EndsWithTheHangup) {
    auto flow = [&]() -> asio::awaitable<void> {
        co_await race(call().execute(WaitForDigit()), never(cancelled_));
    };
    const auto task = start(flow());
    asterisk("200 result=-1\nHANGUP\n");
    EXPECT_TRUE(task->threw<AGIResultHangup>());
    EXPECT_TRUE(cancelled_);
}

TEST_F(Race, KeepsThePromptInStepThatLost) {
    auto flow = [&]() -> asio::awaitable<void> {
        co_await race(call().execute(StreamFile("tt-monkeys")), soon(1));
        co_await call().execute(WaitForDigit());
    };
    const auto task = start(flow());
    context().run_for(20ms);
    asterisk("200 result=1 (costrix-fence-1)\n");
    asterisk("200 result=49\n");
    EXPECT_TRUE(task->done());
    EXPECT_EQ(task->error(), nullptr);
}

TEST_F(Race, PassesOnACancellation) {
    auto flow = [&]() -> asio::awaitable<void> {
        co_await race(never(cancelled_), never(also_cancelled_));
    };
    const auto task = start(flow());
    task->cancel.emit(asio::cancellation_type::terminal);
    run();
    EXPECT_TRUE(task->done());
    EXPECT_TRUE(cancelled_);
    EXPECT_TRUE(also_cancelled_);
}

using Join = Concurrency;

TEST_F(Join, GivesAllResults) {
    std::tuple<int, std::monostate, std::optional<char>> results;
    auto flow = [&]() -> asio::awaitable<void> {
        results = co_await join(soon(3), call().sleep_for(1ms), call().execute(WaitForDigit()));
    };
    const auto task = start(flow());
    asterisk("200 result=53\n");
    EXPECT_TRUE(wait_for(*task));
    EXPECT_EQ(task->error(), nullptr);
    EXPECT_EQ(std::get<0>(results), 3);
    EXPECT_EQ(std::get<2>(results), '5');
}

TEST_F(Join, ThrowsTheFirstExceptionAsItIs) {
    auto flow = [&]() -> asio::awaitable<void> {
        co_await join(never(cancelled_), call().execute(WaitForDigit()), never(also_cancelled_));
    };
    const auto task = start(flow());
    asterisk("200 result=-1\nHANGUP\n");
    EXPECT_TRUE(task->threw<AGIResultHangup>()) << task->what();
    EXPECT_TRUE(cancelled_);
    EXPECT_TRUE(also_cancelled_);
}

class RunOn : public Concurrency {
protected:
    ~RunOn() override { pool_.join(); }
    asio::thread_pool pool_{3};
};

asio::awaitable<std::thread::id> which_thread() {
    co_await soon(0);
    co_return std::this_thread::get_id();
}

TEST_F(RunOn, RunsThereAndResumesHere) {
    std::thread::id there, here;
    auto flow = [&]() -> asio::awaitable<void> {
        there = co_await run_on(pool_, which_thread());
        here = std::this_thread::get_id();
    };
    EXPECT_TRUE(wait_for(*start(flow())));
    EXPECT_EQ(here, std::this_thread::get_id());
    EXPECT_NE(there, here);
    EXPECT_NE(there, std::thread::id());
}

TEST_F(RunOn, ThrowsWhatTheWorkThrows) {
    auto flow = [&]() -> asio::awaitable<void> { co_await run_on(pool_, fail()); };
    const auto task = start(flow());
    EXPECT_TRUE(wait_for(*task));
    EXPECT_EQ(task->what(), "failed");
}

TEST_F(RunOn, PassesOnACancellation) {
    auto flow = [&]() -> asio::awaitable<void> { co_await run_on(pool_, never(cancelled_)); };
    const auto task = start(flow());
    task->cancel.emit(asio::cancellation_type::terminal);
    EXPECT_TRUE(wait_for(*task));
    EXPECT_TRUE(cancelled_);
}

/// Work on other threads that ends just when the caller hangs up.
class PoolHangup : public test::SessionTest {
protected:
    static constexpr int kHangups = 10'000;

    template <class Work>
    void hang_up_while_it_ends(Work work) {
        for (int i = 0; i < kHangups; ++i) {
            open(test::plain_environment());
            const auto task = start(call().unless_hung_up(work()));
            // From long before its end to long after it.
            const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(i % 97);
            while (std::chrono::steady_clock::now() < until)
                run();
            asterisk("HANGUP\n");
            ASSERT_TRUE(wait_for(*task));
            ASSERT_TRUE(!task->error() || task->template threw<AGIResultHangup>()) << task->what();
        }
    }

    static asio::awaitable<void> look_up() {
        asio::steady_timer timer(co_await asio::this_coro::executor, 30us);
        co_await timer.async_wait(asio::use_awaitable);
    }
};

TEST_F(PoolHangup, IsPassedOnByRunOn) {
    asio::thread_pool pool(3);
    hang_up_while_it_ends([&] { return run_on(pool, look_up()); });
    pool.join();
}

TEST_F(PoolHangup, IsPassedOnToAPoolOfOneThread) {
    asio::thread_pool pool(1);
    hang_up_while_it_ends([&] { return asio::co_spawn(pool, look_up(), asio::use_awaitable); });
    pool.join();
}

TEST_F(PoolHangup, IsPassedOnToAStrandOfAPool) {
    asio::thread_pool pool(3);
    hang_up_while_it_ends([&] {
        return asio::co_spawn(
            asio::any_io_executor(asio::make_strand(pool)), look_up(), asio::use_awaitable
        );
    });
    pool.join();
}

}  // namespace
}  // namespace costrix::agi
