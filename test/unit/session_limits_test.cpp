// SPDX-License-Identifier: MIT
// What a session says is wrong with its peer, and what a handler has of it.
#include "session/timer_wheel.hpp"
#include "support/session_fixture.hpp"

#include <costrix/agi/actions/diagnostics.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/asio.hpp>

#include <chrono>

namespace costrix::agi {
namespace {

using detail::Fault;
using test::SessionTest;
using namespace std::chrono_literals;

class SessionLimitsTest : public SessionTest {
protected:
    /// Noop(text), answered at once.
    void exchange(std::string_view text) {
        start(call().execute(Noop(std::string(text))));
        asterisk("200 result=0\n");
    }
    asio::awaitable<void> until_overtime() {
        asio::steady_timer pause(context());
        while (overtime_ == 0) {
            pause.expires_after(1ms);
            co_await pause.async_wait(asio::use_awaitable);
        }
    }
};

TEST_F(SessionLimitsTest, KnowWhyAnEnvironmentNeverCame) {
    const detail::SessionLimits limits{.environment = {.lines = 4, .line_bytes = 40, .bytes = 100}};
    const struct {
        std::string sent;
        error_code end;
        Fault fault;
    } rows[] = {
        {"", asio::error::eof, Fault::silent},
        {"", asio::error::connection_reset, Fault::silent},
        {"", asio::error::timed_out, Fault::vanished},
        {"agi_network: yes\n", asio::error::eof, Fault::environment_cut},
        {"agi_network: yes\nagi_", asio::error::connection_reset, Fault::environment_cut},
        {"agi_network: yes\n", asio::error::timed_out, Fault::vanished},
        {"GET / HTTP/1.1\r\n", {}, Fault::not_agi},
        {"\xff\xfe\n", {}, Fault::not_agi},
        {"agi_a: 1\nagi_b: 2\nagi_c: 3\nagi_d: 4\nagi_e: 5\n", {}, Fault::environment_too_long},
        {"agi_a: " + std::string(40, 'x'), {}, Fault::environment_too_long},
        {"agi_a: " + std::string(30, 'x') + "\nagi_b: " + std::string(30, 'x') +
             "\nagi_c: " + std::string(30, 'x') + "\n",
         {},
         Fault::environment_too_long},
    };
    open(limits);
    for (const auto& row : rows) {
        why_.clear();
        open("");
        if (!row.sent.empty())
            asterisk(row.sent);
        if (row.end)
            transport().end(row.end);
        run();
        EXPECT_EQ(fault_, row.fault) << row.sent;
        EXPECT_NE(why_, "") << row.sent;
    }
}

TEST_F(SessionLimitsTest, BoundTheLinesOfAReply) {
    open(detail::SessionLimits{.reply_bytes = 200, .reply_line_bytes = 80});
    const auto task = start(call().execute(Noop()));
    asterisk("520-Invalid command syntax.  Proper usage follows:\n" + std::string(81, 'x'));
    EXPECT_TRUE(task->threw<AGISIGPIPEHangup>());
    EXPECT_EQ(fault_, Fault::reply_too_long);
    EXPECT_EQ(why_, "a line of a reply over 80 bytes");
}

TEST_F(SessionLimitsTest, BoundAReplyOfShortLines) {
    open(detail::SessionLimits{.reply_bytes = 200, .reply_line_bytes = 80});
    const auto task = start(call().execute(Noop()));
    asterisk("520-Invalid command syntax.  Proper usage follows:\n");
    for (int i = 0; i < 4 && !task->done(); ++i)
        asterisk(std::string(60, 'x') + "\n");
    EXPECT_TRUE(task->threw<AGISIGPIPEHangup>());
    EXPECT_EQ(why_, "a reply over 200 bytes");
}

TEST_F(SessionLimitsTest, BoundWhatWaitsForAPeerThatDoesNotRead) {
    open(detail::SessionLimits{.backlog_bytes = 100});
    transport().limit_writes(0);
    const std::string text(20, 'x');
    int answered = 0;
    while (why_.empty() && ++answered < 10)
        exchange(text);  // it answers what it has not read
    EXPECT_EQ(answered, 4);
    EXPECT_EQ(fault_, Fault::not_reading);
    EXPECT_EQ(why_, "it does not read: 84 bytes wait for it");
    EXPECT_TRUE(transport().closed());
    EXPECT_TRUE(start(call().execute(Noop()))->threw<AGISIGPIPEHangup>());
}

TEST_F(SessionLimitsTest, KeepNoBacklogOnceItIsSent) {
    open(detail::SessionLimits{.backlog_bytes = 100});
    for (int i = 0; i < 50; ++i) {
        transport().limit_writes(0);
        exchange(std::string(20, 'x'));
        transport().limit_writes(1000);
        run();
    }
    EXPECT_EQ(why_, "");
    EXPECT_EQ(fault_, Fault::none);
}

TEST_F(SessionLimitsTest, AreNoneOfAHangupOrAnOrderlyEnd) {
    asterisk("HANGUP\n");
    transport().end();
    run();
    EXPECT_EQ(fault_, Fault::none);
}

TEST_F(SessionLimitsTest, TellAPeerThatVanishedFromOneThatClosed) {
    const auto task = start(call().execute(Noop()));
    transport().end(asio::error::timed_out);
    run();
    EXPECT_TRUE(task->threw<AGISIGPIPEHangup>());
    EXPECT_EQ(fault_, Fault::vanished);
}

TEST_F(SessionLimitsTest, LeaveAHandlerThatIsElsewhereTheTimeAfterAHangup) {
    open(detail::SessionLimits{.after_hangup_time = 20ms});
    asterisk("garbage\n");
    for (int i = 0; i < 100; ++i)
        asterisk("garbage\n");
    EXPECT_EQ(fault_, Fault::not_a_reply);
    EXPECT_TRUE(session().hung_up());
    EXPECT_TRUE(transport().closed());
    EXPECT_EQ(overtime_, 0);
    EXPECT_TRUE(wait_for(*start(until_overtime())));
    EXPECT_EQ(why_, "the handler took too long after the hangup");
    EXPECT_EQ(fault_, Fault::late_after_hangup);
}

TEST_F(SessionLimitsTest, ReadNothingAfterAWrongLine) {
    const auto task = start(call().execute(Noop()));
    asterisk("hello\n200 result=0\nHANGUP\n");
    EXPECT_TRUE(task->threw<AGIUnknownError>());
    EXPECT_EQ(session().hangup(), detail::End::disconnected);
    EXPECT_EQ(session().commands(), 0U);
}

/// Thousands of calls that began together would all be looked at together, five seconds later.
TEST_F(SessionLimitsTest, AskForNoClockOnceTheEnvironmentHasCome) {
    auto& wheel = asio::use_service<detail::TimerWheel>(context());
    wheel.set_time(detail::TimerWheel::Clock::time_point(1h));
    open({.environment_time = 5s});
    EXPECT_EQ(wheel.next(), std::nullopt);
    open({.environment_time = 5s, .session_time = 1min});
    EXPECT_EQ(wheel.next(), wheel.now() + 1min);
}

}  // namespace
}  // namespace costrix::agi
