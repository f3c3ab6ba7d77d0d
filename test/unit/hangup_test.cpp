// SPDX-License-Identifier: MIT
// Every way in which a call can end, as the transcripts show them: what the handler sees.
#include "support/session_fixture.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

namespace costrix::agi {
namespace {

constexpr const char* kDeadReply =
    "511 Command Not Permitted on a dead channel or intercept routine\n";

class HangupTest : public test::SessionTest {};

// hangup-idle, hangup-unanswered, set-autohangup
TEST_F(HangupTest, UnaskedWhileIdle) {
    const auto waiting = start(call().wait_for_hangup());
    asterisk("HANGUP\n");
    EXPECT_TRUE(waiting->done());
    EXPECT_TRUE(begin(Noop())->threw<AGIResultHangup>());
}

// hangup-race
TEST_F(HangupTest, BeforeTheReplyOfACommand) {
    const auto command = begin(GetVariable("X"));
    asterisk("HANGUP\n200 result=1 (late)\n");
    EXPECT_TRUE(command->done());
    EXPECT_FALSE(command->error());  // it was answered
    const auto live = begin(Noop());
    EXPECT_TRUE(live->threw<AGIResultHangup>());
}

// stream-file-hangup, wait-for-digit-hangup, get-data-hangup, record-file-hangup, say-hangup
TEST_F(HangupTest, InMidCommandInSeparateChunks) {
    const auto prompt = begin(StreamFile("x"));
    asterisk("200 result=-1 endpos=2560\n");
    EXPECT_FALSE(prompt->done());  // the session asks, since the reply alone does not tell
    asterisk("HANGUP\n");
    asterisk(kDeadReply);
    EXPECT_TRUE(prompt->threw<AGIResultHangup>()) << prompt->what();
}

// hangup-exec-wait, hangup-exec-dial
TEST_F(HangupTest, InMidExec) {
    const auto dial = begin(Exec("Dial", "x"));
    asterisk("200 result=-1\nHANGUP\n");
    EXPECT_TRUE(dial->threw<AGIResultHangup>()) << dial->what();
    EXPECT_TRUE(call().hung_up());
}

// hangup-own, exec-hangup
TEST_F(HangupTest, ByTheScriptItself) {
    const auto hangup = begin(Hangup());
    asterisk("200 result=1\nHANGUP\n");
    EXPECT_FALSE(hangup->error());
    EXPECT_TRUE(call().hung_up());
}

// hangup-exit, hangup-exit-command
TEST_F(HangupTest, AndAsteriskClosesAfterTwoNotices) {
    const auto dial = begin(Exec("Dial", "x"));
    asterisk("200 result=-1\nHANGUP\nHANGUP\n");
    transport().end();
    run();
    EXPECT_TRUE(dial->done());
    EXPECT_TRUE(begin(Noop())->threw<AGIResultHangup>());
}

// hangup-exit-nosighup
TEST_F(HangupTest, AndAsteriskJustCloses) {
    const auto dial = begin(Exec("Dial", "x"));
    transport().end();
    run();
    EXPECT_TRUE(dial->threw<AGISIGPIPEHangup>());
}

TEST_F(HangupTest, AsAReset) {
    const auto waiting = start(call().wait_for_hangup());
    transport().end(asio::error::connection_reset);
    run();
    EXPECT_TRUE(waiting->done());
    EXPECT_TRUE(begin(Noop())->threw<AGISIGPIPEHangup>());
}

// dead-after-hangup
TEST_F(HangupTest, FollowedByCleaningUp) {
    call().allow_after_hangup();
    asterisk("HANGUP\n");
    const auto allowed = begin(SetVariable("A", "b"));
    EXPECT_EQ(sent(), "SET VARIABLE \"A\" \"b\"\n");
    asterisk("200 result=1\n");
    EXPECT_FALSE(allowed->error());
    const auto refused = begin(Answer());
    EXPECT_TRUE(refused->threw<AGIDeadChannelError>());
    EXPECT_EQ(sent(), "");  // without a round trip
    asterisk("HANGUP\n");   // hangup-then-half-close: a second one
    EXPECT_FALSE(begin(GetVariable("A"))->done());
    asterisk("200 result=1 (b)\n");
    transport().end();
    run();
    EXPECT_TRUE(begin(GetVariable("A"))->threw<AGIResultHangup>());
}

TEST_F(HangupTest, TakesTheStopOfAWaitForNoKeyHoweverItIsSpelt) {
    auto flow = [&]() -> asio::awaitable<void> {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_partial_cancellation());
        co_await call().send("wait for digit 5000");
    };
    const auto task = start(flow());
    sent();
    task->cancel.emit(asio::cancellation_type::partial);
    asterisk("200 result=1\n200 result=1 (costrix-fence-1)\n");
    EXPECT_TRUE(task->threw<costrix::system_error>());
}

// --- other work beside the call ------------------------------------------------------------------

asio::awaitable<int> slow_work(AGI& call, std::chrono::milliseconds time, bool& cancelled) {
    asio::steady_timer timer(call.get_executor(), time);
    try {
        co_await timer.async_wait(asio::use_awaitable);
    } catch (const costrix::system_error&) {
        cancelled = true;
        throw;
    }
    co_return 42;
}

class WorkTest : public HangupTest {
protected:
    bool cancelled_ = false;
    int value_ = 0;
};

TEST_F(WorkTest, IsCancelledWhenTheCallerGoes) {
    auto flow = [&]() -> asio::awaitable<void> {
        value_ =
            co_await call().unless_hung_up(slow_work(call(), std::chrono::hours(1), cancelled_));
    };
    const auto task = start(flow());
    EXPECT_FALSE(task->done());
    asterisk("HANGUP\n");
    EXPECT_TRUE(task->threw<AGIResultHangup>()) << task->what();
    EXPECT_TRUE(cancelled_);
}

TEST_F(WorkTest, GivesItsResultWhileTheCallerStays) {
    auto flow = [&]() -> asio::awaitable<void> {
        value_ = co_await call().unless_hung_up(
            slow_work(call(), std::chrono::milliseconds(1), cancelled_)
        );
    };
    const auto task = start(flow());
    EXPECT_TRUE(wait_for(*task));
    EXPECT_EQ(value_, 42);
    const auto after = begin(Noop());
    EXPECT_EQ(sent(), "NOOP\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(after->done());
}

TEST_F(WorkTest, IsNotStartedWhenTheCallerIsGone) {
    asterisk("HANGUP\n");
    bool started = false;
    auto work = [&]() -> asio::awaitable<void> {
        started = true;
        co_return;
    };
    const auto task = start(call().unless_hung_up(work()));
    EXPECT_TRUE(task->threw<AGIResultHangup>());
    EXPECT_FALSE(started);
}

TEST_F(WorkTest, PassesItsOwnExceptionOn) {
    auto work = []() -> asio::awaitable<void> {
        throw std::runtime_error("no database");
        co_return;
    };
    const auto task = start(call().unless_hung_up(work()));
    EXPECT_EQ(task->what(), "no database");
}

TEST_F(WorkTest, IsCancelledWithTheHandler) {
    auto flow = [&]() -> asio::awaitable<void> {
        value_ =
            co_await call().unless_hung_up(slow_work(call(), std::chrono::hours(1), cancelled_));
    };
    const auto task = start(flow());
    task->cancel.emit(asio::cancellation_type::terminal);
    run();
    EXPECT_TRUE(task->done());
    EXPECT_TRUE(cancelled_);
    EXPECT_FALSE(task->threw<AGIHangup>());
}

TEST_F(WorkTest, IsCancelledAgainWhileItCleansUp) {
    auto work = [&]() -> asio::awaitable<void> {
        asio::steady_timer hour(call().get_executor(), std::chrono::hours(1));
        const auto cut = co_await hour.async_wait(as_tuple(asio::use_awaitable));
        cancelled_ = std::get<0>(cut) == asio::error::operation_aborted;
        co_await asio::this_coro::reset_cancellation_state();
        co_await hour.async_wait(asio::use_awaitable);
    };
    const auto task = start(call().unless_hung_up(work()));
    asterisk("HANGUP\n");
    EXPECT_TRUE(cancelled_);
    EXPECT_FALSE(task->done());
    task->cancel.emit(asio::cancellation_type::terminal);
    run();
    EXPECT_TRUE(task->threw<AGIResultHangup>()) << task->what();
}

TEST_F(WorkTest, HeedsEveryTypeOfCancellation) {
    for (const auto type : {asio::cancellation_type::partial, asio::cancellation_type::total}) {
        cancelled_ = false;
        auto flow = [&]() -> asio::awaitable<void> {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            value_ =
                co_await call().unless_hung_up(slow_work(call(), std::chrono::hours(1), cancelled_)
                );
        };
        const auto task = start(flow());
        task->cancel.emit(type);
        run();
        EXPECT_TRUE(task->threw<costrix::system_error>());
        EXPECT_TRUE(cancelled_);
    }
}

TEST_F(WorkTest, IsCancelledWithItsPromptByEveryType) {
    auto flow = [&]() -> asio::awaitable<void> {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        co_await call().execute_during(
            StreamFile("please-hold"), slow_work(call(), std::chrono::hours(1), cancelled_)
        );
    };
    const auto task = start(flow());
    sent();
    task->cancel.emit(asio::cancellation_type::total);
    run();
    EXPECT_TRUE(cancelled_);
    EXPECT_EQ(sent(), "GET FULL VARIABLE \"costrix-fence-1\"\n");
    EXPECT_TRUE(task->threw<costrix::system_error>());
}

TEST_F(WorkTest, RunsToItsEndWhenItIsToldTo) {
    auto flow = [&]() -> asio::awaitable<void> {
        value_ = co_await shielded(slow_work(call(), std::chrono::milliseconds(20), cancelled_));
    };
    const auto task = start(flow());
    task->cancel.emit(asio::cancellation_type::terminal);
    EXPECT_TRUE(wait_for(*task));
    EXPECT_EQ(value_, 42);
    EXPECT_FALSE(cancelled_);
}

TEST_F(WorkTest, IsCancelledAfterWorkThatRanToItsEndAndThrew) {
    auto failing = [&]() -> asio::awaitable<void> {
        co_await call().sleep_for(std::chrono::milliseconds(20));
        throw std::runtime_error("no database");
    };
    auto flow = [&]() -> asio::awaitable<void> {
        try {
            co_await shielded(failing());
        } catch (const std::runtime_error&) {
            value_ = 1;
        }
        co_await call().sleep_for(std::chrono::hours(1));
    };
    const auto task = start(flow());
    task->cancel.emit(asio::cancellation_type::terminal);
    EXPECT_TRUE(wait_for(*task));
    EXPECT_EQ(value_, 1);
    EXPECT_TRUE(task->threw<costrix::system_error>());
}

TEST_F(WorkTest, LeavesItToTheHandlerWhetherACancellationThrows) {
    auto flow = [&]() -> asio::awaitable<void> {
        co_await asio::this_coro::throw_if_cancelled(false);
        value_ = co_await shielded(slow_work(call(), std::chrono::milliseconds(20), cancelled_));
        co_await call().sleep_for(std::chrono::milliseconds(10));
        value_ = 1;
    };
    const auto task = start(flow());
    task->cancel.emit(asio::cancellation_type::terminal);
    EXPECT_TRUE(wait_for(*task));
    EXPECT_EQ(task->what(), "");
    EXPECT_EQ(value_, 1);
}

TEST_F(WorkTest, CutsAPromptShort) {
    std::optional<StreamFile::Result> played;
    auto flow = [&]() -> asio::awaitable<void> {
        auto both = co_await call().execute_during(
            StreamFile("please-hold"), slow_work(call(), std::chrono::milliseconds(5), cancelled_)
        );
        value_ = both.value;
        played = both.played;
    };
    const auto task = start(flow());
    EXPECT_EQ(sent(), "STREAM FILE \"please-hold\" \"\"\n");
    std::string fence;
    while ((fence = sent()).empty())
        context().run_one();
    EXPECT_EQ(fence, "GET FULL VARIABLE \"costrix-fence-1\"\n");
    EXPECT_FALSE(task->done());
    asterisk("200 result=1 (costrix-fence-1)\n");
    EXPECT_TRUE(task->done());
    EXPECT_EQ(value_, 42);
    EXPECT_FALSE(played);
}

TEST_F(WorkTest, GoesOnWhenThePromptEndsByItself) {
    std::optional<StreamFile::Result> played;
    auto flow = [&]() -> asio::awaitable<void> {
        auto both = co_await call().execute_during(
            StreamFile("please-hold").escape_digits("1"),
            slow_work(call(), std::chrono::milliseconds(20), cancelled_)
        );
        value_ = both.value;
        played = both.played;
    };
    const auto task = start(flow());
    asterisk("200 result=49 endpos=800\n");
    EXPECT_FALSE(task->done());
    EXPECT_TRUE(wait_for(*task));
    EXPECT_EQ(value_, 42);
    ASSERT_TRUE(played);
    EXPECT_EQ(played->key, '1');
    sent();
    EXPECT_FALSE(begin(Noop())->done());
    EXPECT_EQ(sent(), "NOOP\n");  // no fence was needed
}

TEST_F(WorkTest, EndsWithThePromptOnAHangup) {
    auto flow = [&]() -> asio::awaitable<void> {
        co_await call().execute_during(
            StreamFile("please-hold"), slow_work(call(), std::chrono::hours(1), cancelled_)
        );
    };
    const auto task = start(flow());
    asterisk("200 result=-1 endpos=80\nHANGUP\n");
    EXPECT_TRUE(task->threw<AGIResultHangup>()) << task->what();
    EXPECT_TRUE(cancelled_);
}

TEST_F(WorkTest, StopsThePromptWhenItFails) {
    auto work = [](AGI& call) -> asio::awaitable<void> {
        asio::steady_timer timer(call.get_executor(), std::chrono::milliseconds(1));
        co_await timer.async_wait(asio::use_awaitable);
        throw std::runtime_error("no database");
    };
    const auto task = start([](AGI& call, asio::awaitable<void> it) -> asio::awaitable<void> {
        co_await call.execute_during(WaitForDigit(), std::move(it));
    }(call(), work(call())));
    EXPECT_TRUE(wait_for(*task));
    EXPECT_EQ(task->what(), "no database");
    EXPECT_EQ(sent(), "WAIT FOR DIGIT -1\nGET FULL VARIABLE \"costrix-fence-1\"\n");
}

/// It answers when it is stopped, as no other command does: transcript `fence`.
TEST_F(WorkTest, TakesTheAnswerOfAStoppedWaitForNoKey) {
    std::optional<std::optional<char>> pressed;
    auto flow = [&]() -> asio::awaitable<void> {
        auto both = co_await call().execute_during(
            WaitForDigit(), slow_work(call(), std::chrono::milliseconds(5), cancelled_)
        );
        value_ = both.value;
        pressed = both.played;
    };
    const auto task = start(flow());
    EXPECT_EQ(sent(), "WAIT FOR DIGIT -1\n");
    while (sent().empty())
        context().run_one();
    asterisk("200 result=1\n200 result=1 (costrix-fence-1)\n");
    EXPECT_TRUE(task->done());
    EXPECT_EQ(value_, 42);
    EXPECT_FALSE(pressed);
}

// --- deadlines -----------------------------------------------------------------------------------

class DeadlineTest : public HangupTest {
protected:
    template <Action A>
    std::shared_ptr<test::Task> begin_within(A action, std::chrono::milliseconds time) {
        return start(
            [](AGI& call, A one, std::chrono::milliseconds limit) -> asio::awaitable<void> {
                co_await call.execute(one, limit);
            }(call(), std::move(action), time)
        );
    }
};

TEST_F(DeadlineTest, ThrowsAnExceptionOfItsOwnAndTheCallGoesOn) {
    const auto began = std::chrono::steady_clock::now();
    const auto dial = begin_within(Exec("Dial", "x"), std::chrono::milliseconds(30));
    ASSERT_TRUE(wait_for(*dial));
    EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(30));
    EXPECT_TRUE(dial->threw<AGITimeout>()) << dial->what();
    EXPECT_FALSE(call().hung_up());
    sent();
    const auto next = begin(Noop());
    EXPECT_EQ(sent(), "");
    asterisk("200 result=0\n");  // Dial's
    EXPECT_EQ(sent(), "NOOP\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(next->done());
}

TEST_F(DeadlineTest, StopsAPrompt) {
    const auto prompt = begin_within(StreamFile("x"), std::chrono::milliseconds(10));
    ASSERT_TRUE(wait_for(*prompt));
    EXPECT_TRUE(prompt->threw<AGITimeout>());
    EXPECT_EQ(sent(), "STREAM FILE \"x\" \"\"\nGET FULL VARIABLE \"costrix-fence-1\"\n");
}

TEST_F(DeadlineTest, CountsWhileACommandWaitsForItsTurn) {
    const auto first = begin(Noop("1"));
    const auto second = begin_within(Noop("2"), std::chrono::milliseconds(10));
    ASSERT_TRUE(wait_for(*second));
    EXPECT_TRUE(second->threw<AGITimeout>());
    EXPECT_EQ(sent(), "NOOP \"1\"\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(first->done());
    EXPECT_EQ(sent(), "");
}

TEST_F(DeadlineTest, DoesNothingToACommandThatIsAnsweredInTime) {
    for (int i = 0; i < 3; ++i) {
        const auto quick = begin_within(Noop(), std::chrono::milliseconds(200));
        asterisk("200 result=0\n");
        EXPECT_TRUE(quick->done());
        EXPECT_FALSE(quick->error());
    }
    const auto slow = begin_within(Noop(), std::chrono::milliseconds(400));
    ASSERT_TRUE(wait_for(*slow));
    EXPECT_TRUE(slow->threw<AGITimeout>());
}

TEST_F(DeadlineTest, BoundsTheSession) {
    open({.session_time = std::chrono::milliseconds(20)});
    const auto dial = begin(Exec("Dial", "x"));
    ASSERT_TRUE(wait_for(*dial));
    EXPECT_TRUE(dial->threw<AGITimeout>()) << dial->what();
    EXPECT_EQ(why_, "the session took too long");
    EXPECT_TRUE(transport().closed());
}

TEST_F(DeadlineTest, BoundsTheTimeAfterTheHangup) {
    open({.after_hangup_time = std::chrono::milliseconds(20)});
    call().allow_after_hangup();
    asterisk("HANGUP\n");
    const auto cleaning = begin(GetVariable("X"));
    ASSERT_TRUE(wait_for(*cleaning));
    EXPECT_TRUE(cleaning->threw<AGITimeout>());
    EXPECT_EQ(why_, "the handler took too long after the hangup");
}

TEST_F(DeadlineTest, BoundsTheEnvironment) {
    open({.environment_time = std::chrono::milliseconds(10)});
    open("agi_network: yes\n");  // no empty line
    const auto task = start([](AGI& call) -> asio::awaitable<void> {
        asio::steady_timer timer(call.get_executor(), std::chrono::milliseconds(60));
        co_await timer.async_wait(asio::use_awaitable);
    }(call()));
    ASSERT_TRUE(wait_for(*task));
    EXPECT_EQ(why_, "the environment did not come in time");
}

}  // namespace
}  // namespace costrix::agi
