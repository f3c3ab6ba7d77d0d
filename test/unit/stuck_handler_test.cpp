// SPDX-License-Identifier: MIT
// Handlers that catch everything and try again: they suspend, and are stopped in the end.
#include "call/handler_end.hpp"
#include "support/session_fixture.hpp"

#include <costrix/agi/actions/diagnostics.hpp>
#include <costrix/agi/actions/input.hpp>
#include <costrix/agi/actions/variables.hpp>
#include <costrix/agi/concurrency.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/run_call.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;

/// What a handler keeps awaiting, whatever comes of it.
using Try = std::function<asio::awaitable<void>(AGI&)>;

struct Named {
    const char* name;
    Try attempt;
};

asio::awaitable<void> nothing() {
    co_return;
}

asio::awaitable<void> ask(AGI& call) {
    co_await call.execute(GetData("enter"));
}
asio::awaitable<void> ask_wrongly(AGI& call) {
    co_await call.execute(GetData("two\nlines"));
}
asio::awaitable<void> execute_noop(AGI& call) {
    co_await call.execute(Noop());
}
asio::awaitable<void> send(AGI& call) {
    co_await call.send("NOOP");
}
asio::awaitable<void> send_wrongly(AGI& call) {
    co_await call.send("two\nlines");
}
asio::awaitable<void> look_up(AGI& call) {
    co_await call.unless_hung_up(nothing());
}
asio::awaitable<void> wait(AGI& call) {
    co_await call.wait_for_hangup();
}
asio::awaitable<void> play_during(AGI& call) {
    co_await call.execute_during(GetData("enter"), nothing());
}
asio::awaitable<void> ask_in_race(AGI& call) {
    co_await race(call.execute(GetData("enter")), call.wait_for_hangup());
}

/// `for (;;) try { … } catch (...) {}`
asio::awaitable<void> try_for_ever(AGI& call, Try attempt, bool& gone) {
    const std::shared_ptr<void> end(nullptr, [&gone](void*) { gone = true; });
    for (;;) {
        try {
            co_await attempt(call);
        } catch (...) {
        }
    }
}

class StuckHandler : public test::SessionTest, public ::testing::WithParamInterface<Named> {
protected:
    bool gone_ = false;
};

TEST_P(StuckHandler, IsDestroyedAfterTheHangup) {
    asterisk("HANGUP\n");
    const auto task = start(try_for_ever(call(), GetParam().attempt, gone_));
    EXPECT_TRUE(gone_);
    EXPECT_TRUE(session().stuck());
    EXPECT_FALSE(task->done());
}

TEST_P(StuckHandler, IsDestroyedAfterTheEndOfItsSession) {
    session().close();
    start(try_for_ever(call(), GetParam().attempt, gone_));
    EXPECT_TRUE(gone_);
}

INSTANTIATE_TEST_SUITE_P(
    Tries,
    StuckHandler,
    ::testing::Values(
        Named{"Execute", ask},
        Named{"ExecuteWhatCannotBeSent", ask_wrongly},
        Named{"Send", send},
        Named{"SendWhatCannotBeSent", send_wrongly},
        Named{"UnlessHungUp", look_up},
        Named{"WaitForHangup", wait},
        Named{"ExecuteDuring", play_during},
        Named{"Race", ask_in_race}
    ),
    [](const auto& parameter) { return parameter.param.name; }
);

TEST_F(StuckHandler, IsDestroyedWhenItsTimeIsOver) {
    open({.session_time = 1ms});
    const auto task = start(try_for_ever(call(), ask, gone_));
    const auto end = std::chrono::steady_clock::now() + 5s;
    while (overtime_ == 0 && std::chrono::steady_clock::now() < end)
        context().run_one_for(100ms);
    detail::cancel_wait(task->cancel);
    run();
    EXPECT_TRUE(gone_);
}

TEST_F(StuckHandler, IsStoppedOnALiveCallToo) {
    const auto task = start(try_for_ever(call(), ask_wrongly, gone_));
    run();
    EXPECT_TRUE(gone_);
    EXPECT_FALSE(task->done());
}

TEST_F(StuckHandler, LetsOthersRunWhenItIsCancelled) {
    // It awaits nothing of the session's: only its own coroutine is concerned.
    int rounds = 0;
    auto flow = [&]() -> asio::awaitable<void> {
        for (;;) {
            try {
                ++rounds;
                asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
                co_await timer.async_wait(asio::use_awaitable);
            } catch (...) {
            }
        }
    };
    const auto task = start(flow());
    for (int i = 0; i < 3; ++i) {
        detail::cancel_wait(task->cancel);
        run();
    }
    EXPECT_EQ(rounds, 4);
}

TEST_F(StuckHandler, InAnAlternativeOfAsiosIsStoppedByWhatIsNoStdException) {
    auto ask_again = [this]() -> asio::awaitable<void> {
        for (;;) {
            try {
                co_await call().execute(GetData("enter"));
            } catch (const std::exception&) {
            }
        }
    };
    auto flow = [&]() -> asio::awaitable<void> { co_await (ask_again() || call().sleep_for(1ms)); };
    const auto task = start(flow());
    EXPECT_TRUE(wait_for(*task));
    EXPECT_EQ(task->error(), nullptr) << "the sleep has won";
}

TEST_F(StuckHandler, IsNotTakenForOneThatWaitsBetweenItsTries) {
    int tries = 0;
    auto flow = [&]() -> asio::awaitable<void> {
        for (; tries < 3000; ++tries) {
            try {
                co_await ask_wrongly(call());
            } catch (const AGIUsageError&) {
            }
            if (tries % 900 == 899)
                co_await call().sleep_for(1ms);
        }
    };
    EXPECT_TRUE(wait_for(*start(flow())));
    EXPECT_EQ(tries, 3000);
}

TEST_F(StuckHandler, IsNotTakenForManyCommandsAtOnce) {
    constexpr int kCommands = 1500;
    std::vector<std::shared_ptr<test::Task>> tasks;
    for (int i = 0; i < kCommands; ++i)
        tasks.push_back(start(execute_noop(call())));
    for (int i = 0; i < kCommands; ++i)
        asterisk("200 result=0\n");
    for (const auto& task : tasks)
        ASSERT_TRUE(task->done() && !task->error());
}

TEST_F(StuckHandler, CanCleanUpAfterItWasCancelled) {
    auto flow = [&]() -> asio::awaitable<void> {
        try {
            co_await call().execute(GetData("enter"));
        } catch (const costrix::system_error&) {
        }
        co_await call().execute(SetVariable("RESULT", "cancelled"));
    };
    const auto task = start(flow());
    detail::cancel_wait(task->cancel);
    run();
    asterisk("200 result=1 (costrix-fence-1)\n");
    asterisk("200 result=1\n");
    EXPECT_TRUE(task->done());
    EXPECT_EQ(task->error(), nullptr);
}

TEST_F(StuckHandler, IsCancelledAgainEachSecondOnceItsTimeIsOver) {
    open({.session_time = 1ms});
    const auto end = std::chrono::steady_clock::now() + 5s;
    while (overtime_ < 3 && std::chrono::steady_clock::now() < end)
        context().run_one_for(100ms);
    EXPECT_EQ(overtime_, 3);
    session().close();
    context().run_for(1200ms);
    EXPECT_EQ(overtime_, 3);
}

TEST(RunCall, EndsAHandlerThatGoesOnAfterTheHangup) {
    auto flow = [](AGI& call, const Request&) -> asio::awaitable<void> {
        for (;;) {
            try {
                co_await call.execute(GetData("enter"));
            } catch (const std::exception&) {
            }
        }
    };
    testing::Scenario scenario("x");
    scenario.any_sound(1s).hang_up_after(5s);
    EXPECT_THROW(testing::run_call(scenario, flow), std::runtime_error);
}

}  // namespace
}  // namespace costrix::agi
