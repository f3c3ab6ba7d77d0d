// SPDX-License-Identifier: MIT
// Faults of a peer or of the connection at awkward moments: nobody hangs, everybody is told once.
#include "session/timer_wheel.hpp"
#include "support/session_fixture.hpp"

#include <costrix/agi.hpp>

#include <string>

namespace costrix::agi {
namespace {

class SessionFaultsTest : public test::SessionTest {};

TEST_F(SessionFaultsTest, AWriteErrorEndsWhoeverWaits) {
    auto prompt = [](AGI& call) -> asio::awaitable<void> {
        co_await call.execute(StreamFile("a"));
    };
    const auto first = start(prompt(call()));
    const auto queued = start(call().execute(Noop()));
    const auto watching = start(call().wait_for_hangup());
    transport().break_writes(asio::error::broken_pipe);
    first->cancel.emit(asio::cancellation_type::terminal);  // sends a fence, or tries to
    run();
    EXPECT_TRUE(first->done());
    EXPECT_TRUE(queued->threw<AGISIGPIPEHangup>()) << queued->what();
    EXPECT_TRUE(watching->done());
}

TEST_F(SessionFaultsTest, NothingHangsThatIsStartedAfterAWriteError) {
    call().allow_after_hangup();
    transport().break_writes(asio::error::broken_pipe);
    start(call().execute(Noop()));
    asterisk("HANGUP\n");  // still unread then
    const auto later = start(call().execute(Noop()));
    EXPECT_TRUE(later->threw<AGISIGPIPEHangup>()) << later->what();
}

TEST_F(SessionFaultsTest, TellsOfAnEnvironmentWithGarbageInTheSamePacket) {
    open(test::plain_environment() + std::string(101, '\n'));
    EXPECT_NE(why_, "");
    EXPECT_FALSE(opened_);
    EXPECT_TRUE(transport().closed());
}

TEST_F(SessionFaultsTest, TheSessionsTimeBoundsTheEnvironmentToo) {
    open({.session_time = std::chrono::milliseconds(10)});
    open("agi_network: yes\n");  // no empty line
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    context().restart();
    while (why_.empty() && std::chrono::steady_clock::now() < end)
        context().run_one_until(end);
    EXPECT_EQ(why_, "the environment did not come in time");
}

TEST_F(SessionFaultsTest, TheLongestTimeoutIsNone) {
    open({.session_time = std::chrono::milliseconds::max()});
    const auto task = start(call().execute(Noop(), std::chrono::nanoseconds::max()));
    context().restart();
    context().run_for(std::chrono::milliseconds(30));
    EXPECT_FALSE(task->done());
    asterisk("200 result=0\n");
    EXPECT_TRUE(task->done());
    EXPECT_FALSE(task->error()) << task->what();
}

TEST_F(SessionFaultsTest, SendsAFenceAgainThatSleepsInAsterisksBuffer) {
    auto& wheel = asio::use_service<detail::TimerWheel>(context());
    const auto pass = [&](std::chrono::milliseconds time) {
        wheel.set_time(wheel.now() + time);
        wheel.turn_by_hand();
        run();
    };
    wheel.set_time(detail::TimerWheel::Clock::time_point(std::chrono::hours(1)));
    open(detail::SessionLimits{});
    auto prompt = [](AGI& call) -> asio::awaitable<void> {
        co_await call.execute(StreamFile("a"));
    };
    const auto played = start(prompt(call()));
    played->cancel.emit(asio::cancellation_type::terminal);
    const auto next = start(call().execute(Noop()));
    EXPECT_EQ(sent(), "STREAM FILE \"a\" \"\"\nGET FULL VARIABLE \"costrix-fence-1\"\n");
    pass(std::chrono::milliseconds(90));
    EXPECT_EQ(sent(), "");
    pass(std::chrono::milliseconds(10));
    EXPECT_EQ(sent(), "GET FULL VARIABLE \"costrix-fence-2\"\n");
    pass(std::chrono::milliseconds(200));
    EXPECT_EQ(sent(), "GET FULL VARIABLE \"costrix-fence-3\"\n");
    asterisk("200 result=0 endpos=800\n200 result=1 (costrix-fence-1)\n");
    asterisk("200 result=1 (costrix-fence-2)\n");
    EXPECT_EQ(sent(), "") << "the third one's echo will come";
    asterisk("200 result=1 (costrix-fence-3)\n");
    EXPECT_EQ(sent(), "NOOP\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(next->done());
    EXPECT_EQ(next->what(), "");
    pass(std::chrono::hours(1));
    EXPECT_EQ(sent(), "");
}

}  // namespace
}  // namespace costrix::agi
