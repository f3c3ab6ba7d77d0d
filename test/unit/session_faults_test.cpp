// SPDX-License-Identifier: MIT
// Faults of a peer or of the connection at awkward moments: nobody hangs, everybody is told once.
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
    EXPECT_NE(protocol_error_, "");
    EXPECT_EQ(environment_fault_, "is followed by something else than replies");
    EXPECT_TRUE(transport().closed());
}

TEST_F(SessionFaultsTest, TheSessionsTimeBoundsTheEnvironmentToo) {
    open({.session_time = std::chrono::milliseconds(10)});
    open("agi_network: yes\n");  // no empty line
    environment_fault_ = "none yet";
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    context().restart();
    while (environment_fault_ == "none yet" && std::chrono::steady_clock::now() < end)
        context().run_one_until(end);
    EXPECT_EQ(environment_fault_, "did not come in time");
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

}  // namespace
}  // namespace costrix::agi
