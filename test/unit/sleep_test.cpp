// SPDX-License-Identifier: MIT
// Waits of a handler, and deadlines, on a clock that the test turns by hand.
#include "session/timer_wheel.hpp"
#include "support/session_fixture.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using Clock = detail::TimerWheel::Clock;

class SleepTest : public test::SessionTest {
protected:
    SleepTest() { open_on_the_tests_clock({}); }

    void open_on_the_tests_clock(detail::SessionLimits limits) {
        wheel().set_time(now_);
        open(limits);
    }

    detail::TimerWheel& wheel() { return asio::use_service<detail::TimerWheel>(context()); }
    void pass(Clock::duration time) {
        wheel().set_time(now_ += time);
        wheel().turn_by_hand();
        run();
    }
    static asio::awaitable<void> sleep(AGI& call, std::chrono::nanoseconds time) {
        co_await call.sleep_for(time);
    }

private:
    Clock::time_point now_{1h};
};

TEST_F(SleepTest, EndsInTimeAndNeverEarly) {
    const auto slept = start(sleep(call(), 2s));
    EXPECT_EQ(wheel().next(), wheel().now() + 2s);
    pass(1990ms);
    EXPECT_FALSE(slept->done());
    pass(10ms);
    EXPECT_TRUE(slept->done());
    EXPECT_EQ(slept->what(), "");
    EXPECT_EQ(wheel().next(), std::nullopt);
}

TEST_F(SleepTest, IsTenMillisecondsLateAtMost) {
    pass(3ms);
    for (const auto time : {1ms, 7ms, 10ms, 1999ms, 65001ms}) {
        const auto slept = start(sleep(call(), time));
        pass(time - 1ms);
        EXPECT_FALSE(slept->done()) << time.count();
        pass(11ms);
        EXPECT_TRUE(slept->done()) << time.count();
    }
}

TEST_F(SleepTest, OfNoTimeEndsAtOnce) {
    EXPECT_TRUE(start(sleep(call(), 0s))->done());
    EXPECT_TRUE(start(sleep(call(), -1s))->done());
    EXPECT_FALSE(start(sleep(call(), std::chrono::nanoseconds::max()))->done());
    EXPECT_EQ(wheel().next(), std::nullopt);
}

TEST_F(SleepTest, EndsInTheOrderOfTime) {
    std::string order;
    auto nap = [](AGI& call, std::chrono::nanoseconds time, std::string& log, char name
               ) -> asio::awaitable<void> {
        co_await call.sleep_for(time);
        log += name;
    };
    const auto late = start(nap(call(), 30s, order, 'c'));
    const auto early = start(nap(call(), 1s, order, 'a'));
    const auto between = start(nap(call(), 20s, order, 'b'));
    pass(1s);
    EXPECT_EQ(order, "a");
    pass(1h);  // many turns of the wheel at once
    EXPECT_EQ(order, "abc");
}

TEST_F(SleepTest, GoesOnAfterAHangupAndAfterTheConnection) {
    const auto slept = start(sleep(call(), 2s));
    asterisk("HANGUP\n");
    transport().end();
    run();
    EXPECT_FALSE(slept->done());
    pass(2s);
    EXPECT_TRUE(slept->done());
    EXPECT_EQ(slept->what(), "");
}

TEST_F(SleepTest, IsCancelledByEachType) {
    using Type = asio::cancellation_type;
    auto careful = [](AGI& call) -> asio::awaitable<void> {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        co_await call.sleep_for(1h);
    };
    for (const auto type : {Type::terminal, Type::partial, Type::total}) {
        const auto slept = start(careful(call()));
        slept->cancel.emit(type);
        run();
        EXPECT_TRUE(slept->done()) << static_cast<int>(type);
        EXPECT_TRUE(slept->threw<costrix::system_error>()) << slept->what();
    }
}

TEST_F(SleepTest, RacesACommand) {
    using namespace asio::experimental::awaitable_operators;
    auto race = [](AGI& call) -> asio::awaitable<void> {
        co_await (call.sleep_for(3s) || call.execute(StreamFile("x")));
        co_await call.execute(Noop());
    };
    const auto task = start(race(call()));
    EXPECT_EQ(sent(), "STREAM FILE \"x\" \"\"\n");
    pass(3s);
    EXPECT_EQ(sent(), "GET FULL VARIABLE \"costrix-fence-1\"\n");
    asterisk("200 result=1 (costrix-fence-1)\n");
    EXPECT_EQ(sent(), "NOOP\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(task->done());
}

TEST_F(SleepTest, EndsWithTheSession) {
    const auto slept = start(sleep(call(), 1h));
    session().close();
    run();
    EXPECT_TRUE(slept->threw<AGISIGPIPEHangup>()) << slept->what();
    EXPECT_TRUE(start(sleep(call(), 1s))->threw<AGISIGPIPEHangup>());
}

TEST_F(SleepTest, EndsWithTheTimeOfTheSession) {
    open_on_the_tests_clock({.session_time = 1min});
    const auto slept = start(sleep(call(), 1h));
    pass(1min);
    EXPECT_TRUE(slept->threw<AGITimeout>()) << slept->what();
    EXPECT_EQ(why_, "the session took too long");
}

TEST_F(SleepTest, LeavesDeadlinesOfCommandsOnTheSameClock) {
    auto ask = [](AGI& call) -> asio::awaitable<void> {
        co_await call.execute(Exec("Dial", "x"), 20s);
    };
    const auto task = start(ask(call()));
    pass(19990ms);
    EXPECT_FALSE(task->done());
    pass(10ms);
    EXPECT_TRUE(task->threw<AGITimeout>());
}

}  // namespace
}  // namespace costrix::agi
