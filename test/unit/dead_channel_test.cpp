// SPDX-License-Identifier: MIT
// Channels that are dead without a HANGUP line: what the session asks, and what handlers see.
#include "session/timer_wheel.hpp"
#include "support/session_fixture.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;

constexpr const char* kRefused =
    "511 Command Not Permitted on a dead channel or intercept routine\n";
constexpr const char* kQuestion = "GET FULL VARIABLE ${CHANNEL(checkhangup)}${AGISIGHUP}\n";
constexpr const char* kAlive = "200 result=1 (0)\n";
constexpr const char* kDead = "200 result=1 (1)\n";
constexpr const char* kAliveSilent = "200 result=1 (0no)\n";  // AGISIGHUP=no
constexpr const char* kDeadSilent = "200 result=1 (1No)\n";
constexpr const char* kHExtension = "agi_network: yes\nagi_extension: h\nagi_version: 22.10.1\n\n";

class DeadChannelTest : public test::SessionTest {
protected:
    /// An application, with what it returned.
    std::shared_ptr<test::Task> begin_exec(std::int64_t& value) {
        return start([](AGI& call, std::int64_t& result) -> asio::awaitable<void> {
            result = (co_await call.execute(Exec("Dial", "x"))).value;
        }(call(), value));
    }
    /// A command that only a live channel runs.
    void live() {
        const auto answer = begin(Answer());
        asterisk("200 result=0\n");
        EXPECT_TRUE(answer->done());
        sent();
    }
    bool sends(const auto& action) {
        sent();
        const auto task = begin(action);
        const bool is_sent = sent() == to_string(action) + "\n";
        if (is_sent)
            asterisk("200 result=1\n");
        return is_sent;
    }
};

// hangup-idle-nosighup
TEST_F(DeadChannelTest, IsAHangupOnceTheChannelHasLived) {
    live();
    const auto prompt = begin(StreamFile("x"));
    sent();
    asterisk(kRefused);
    EXPECT_EQ(sent(), "");
    EXPECT_TRUE(prompt->threw<AGIResultHangup>()) << prompt->what();
    EXPECT_TRUE(call().hung_up());
    EXPECT_TRUE(begin(Noop())->threw<AGIResultHangup>());
}

// hangup-command-nosighup: that it ran shows that the channel lived
TEST_F(DeadChannelTest, IsAHangupToThePromptThatMetIt) {
    const auto prompt = begin(StreamFile("x"));
    asterisk("200 result=-1 endpos=4160\n");
    sent();
    asterisk(kRefused);
    EXPECT_EQ(sent(), "");
    EXPECT_TRUE(prompt->threw<AGIResultHangup>()) << prompt->what();
}

TEST_F(DeadChannelTest, IsADeadChannelToAHandlerThatCleansUp) {
    live();
    call().allow_after_hangup();
    const auto prompt = begin(StreamFile("x"));
    asterisk(kRefused);
    EXPECT_TRUE(prompt->threw<AGIDeadChannelError>()) << prompt->what();
    EXPECT_TRUE(call().hung_up());
    EXPECT_TRUE(sends(SetVariable("A", "b")));
}

TEST_F(DeadChannelTest, IsAHangupToABareSendToo) {
    live();
    Reply reply;
    const auto task = start([](AGI& call, Reply& came) -> asio::awaitable<void> {
        came = co_await call.send("STREAM FILE x \"\"");
    }(call(), reply));
    asterisk(kRefused);
    EXPECT_EQ(reply.code(), 511);
    EXPECT_TRUE(call().hung_up());
    EXPECT_FALSE(task->error());
}

TEST_F(DeadChannelTest, IsToldFromAnInterceptRoutineByAQuestion) {
    const auto prompt = begin(StreamFile("x"));
    sent();
    asterisk(kRefused);
    EXPECT_EQ(sent(), kQuestion);
    EXPECT_FALSE(prompt->done());
    asterisk(kDeadSilent);
    EXPECT_TRUE(prompt->threw<AGIResultHangup>()) << prompt->what();
    EXPECT_TRUE(call().hung_up());
}

// A hangup handler, or a Gosub from the h extension.
TEST_F(DeadChannelTest, RunsWhatAsteriskAllowsWhenItNeverLived) {
    const auto prompt = begin(Answer());
    asterisk(kRefused);
    asterisk(kDead);
    EXPECT_TRUE(prompt->threw<AGIDeadChannelError>());
    EXPECT_TRUE(call().hung_up());
    EXPECT_TRUE(sends(SetVariable("A", "b")));
    std::int64_t value = 0;
    const auto wait = begin_exec(value);
    asterisk("200 result=-1\n");
    EXPECT_FALSE(wait->error());
    EXPECT_EQ(value, -1);
    sent();
    EXPECT_TRUE(begin(Answer())->threw<AGIDeadChannelError>());
    EXPECT_EQ(sent(), "");
}

// Its first application returns -1, before anything else shows that the channel is dead.
TEST_F(DeadChannelTest, LetsAnApplicationFailWhenItNeverLived) {
    std::int64_t value = 0;
    const auto wait = begin_exec(value);
    asterisk("200 result=-1\n");
    asterisk(kRefused);
    asterisk(kDead);
    EXPECT_FALSE(wait->error());
    EXPECT_EQ(value, -1);
    EXPECT_TRUE(call().hung_up());
}

TEST_F(DeadChannelTest, IsAHangupWhereAsteriskWouldNotHaveTold) {
    const auto prompt = begin(StreamFile("x"));  // the dialplan had answered
    asterisk(kRefused);
    asterisk(kDeadSilent);
    EXPECT_TRUE(prompt->threw<AGIResultHangup>());
    sent();
    EXPECT_TRUE(begin(SetVariable("A", "b"))->threw<AGIResultHangup>());
    EXPECT_EQ(sent(), "");
}

TEST_F(DeadChannelTest, IsNoHangupInAnInterceptRoutine) {
    const auto refused = begin(Answer());
    sent();
    asterisk(kRefused);
    asterisk(kAlive);
    EXPECT_TRUE(refused->threw<AGIDeadChannelError>()) << refused->what();
    EXPECT_FALSE(call().hung_up());
    EXPECT_TRUE(sends(SetVariable("A", "b")));
    const auto again = begin(Answer());
    sent();
    asterisk(kRefused);
    EXPECT_EQ(sent(), kQuestion);  // the caller may have hung up meanwhile
    asterisk(kDead);
    EXPECT_TRUE(again->threw<AGIResultHangup>());
    EXPECT_TRUE(begin(SetVariable("A", "b"))->threw<AGIResultHangup>());
}

TEST_F(DeadChannelTest, IsOneToThoseWhoseAsteriskCannotTell) {
    const auto refused = begin(Answer());
    asterisk(kRefused);
    asterisk("200 result=1 (no)\n");  // no func_channel
    EXPECT_TRUE(refused->threw<AGIResultHangup>());
}

TEST_F(DeadChannelTest, IsToldByALineThatComesBeforeTheAnswer) {
    const auto refused = begin(Answer());
    asterisk(kRefused);
    asterisk("HANGUP\n");
    EXPECT_FALSE(refused->done());
    asterisk(kDead);
    EXPECT_TRUE(refused->threw<AGIResultHangup>());
    EXPECT_TRUE(begin(Noop())->threw<AGIResultHangup>());  // it had lived
}

TEST_F(DeadChannelTest, KeepsOthersWaitingForTheAnswer) {
    const auto first = begin(Answer());
    const auto second = begin(Noop());
    sent();
    asterisk(kRefused);
    EXPECT_EQ(sent(), kQuestion);
    asterisk(kAlive);
    EXPECT_EQ(sent(), "NOOP\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(first->threw<AGIDeadChannelError>());
    EXPECT_TRUE(second->done());
}

TEST_F(DeadChannelTest, EndsWithTheConnectionWhileItIsAskedFor) {
    const auto refused = begin(Answer());
    asterisk(kRefused);
    transport().end();
    run();
    EXPECT_TRUE(refused->threw<AGISIGPIPEHangup>());
}

TEST_F(DeadChannelTest, IsFoundOutForACancelledPrompt) {
    const auto prompt = begin(StreamFile("x"));
    prompt->cancel.emit(asio::cancellation_type::terminal);
    run();
    sent();
    asterisk(std::string(kRefused) + "200 result=1 (costrix-fence-1)\n");
    EXPECT_EQ(sent(), kQuestion);
    asterisk(kDead);
    EXPECT_TRUE(call().hung_up());
    EXPECT_TRUE(prompt->threw<costrix::system_error>());
}

// --- the h extension -----------------------------------------------------------------------------

TEST_F(DeadChannelTest, IsAskedForInTheHExtension) {
    open(kHExtension);
    const auto waiting = start(call().wait_for_hangup());
    EXPECT_EQ(sent(), kQuestion);
    asterisk(kDead);
    EXPECT_TRUE(call().hung_up());
    EXPECT_TRUE(waiting->done());
    EXPECT_TRUE(sends(SetVariable("A", "b")));
    EXPECT_TRUE(begin(Answer())->threw<AGIDeadChannelError>());
    EXPECT_EQ(sent(), "");
}

TEST_F(DeadChannelTest, IsNotConcludedFromAGotoToH) {
    open(kHExtension);
    const auto hangup = begin(Hangup());
    EXPECT_EQ(sent(), kQuestion);
    asterisk(kAlive);
    EXPECT_FALSE(call().hung_up());
    EXPECT_EQ(sent(), "HANGUP\n");
    asterisk("200 result=1\nHANGUP\n");
    EXPECT_FALSE(hangup->error());
    EXPECT_TRUE(begin(Noop())->threw<AGIResultHangup>());
}

// --- applications --------------------------------------------------------------------------------

// exec-dial: the callee hung up
TEST_F(DeadChannelTest, IsNotWhatAnApplicationMeantByMinusOne) {
    std::int64_t value = 0;
    const auto dial = begin_exec(value);
    sent();
    asterisk("200 result=-1\n");
    EXPECT_EQ(sent(), "CHANNEL STATUS\n");
    EXPECT_FALSE(dial->done());
    asterisk("200 result=6\n");
    EXPECT_FALSE(dial->error());
    EXPECT_EQ(value, -1);
    EXPECT_FALSE(call().hung_up());
}

TEST_F(DeadChannelTest, EndsALoopOfApplications) {
    live();
    int rounds = 0;
    auto loop = [&]() -> asio::awaitable<void> {
        for (;; ++rounds)
            co_await call().execute(Exec("Queue", "x"));
    };
    const auto task = start(loop());
    asterisk("200 result=-1\n");
    asterisk("200 result=6\n");
    asterisk("200 result=-1\n");
    asterisk(kRefused);
    EXPECT_TRUE(task->threw<AGIResultHangup>()) << task->what();
    EXPECT_EQ(rounds, 1);
}

TEST_F(DeadChannelTest, EndsALoopOfLinesSentAsTheyAre) {
    const auto task = start([](AGI& call) -> asio::awaitable<void> {
        while (!call.hung_up())
            co_await call.send("exec Queue x");
    }(call()));
    asterisk("200 result=-1\n");
    asterisk(kRefused);
    asterisk(kDeadSilent);
    EXPECT_TRUE(task->done());
}

TEST_F(DeadChannelTest, LetsAnApplicationFailInAnInterceptRoutine) {
    std::int64_t value = 0;
    const auto dial = begin_exec(value);
    asterisk("200 result=-1\n");
    asterisk(kRefused);  // to CHANNEL STATUS
    asterisk(kAlive);
    EXPECT_FALSE(dial->error());
    EXPECT_EQ(value, -1);
    EXPECT_FALSE(call().hung_up());
}

TEST_F(DeadChannelTest, LetsAnApplicationFailWhileItCleansUp) {
    call().allow_after_hangup();
    asterisk("HANGUP\n");
    std::int64_t value = 0;
    const auto dial = begin_exec(value);
    sent();
    asterisk("200 result=-1\n");
    EXPECT_EQ(sent(), "");
    EXPECT_FALSE(dial->error());
    EXPECT_EQ(value, -1);
}

// --- on the clock --------------------------------------------------------------------------------

class ChannelCheckTest : public DeadChannelTest {
protected:
    ChannelCheckTest() { open_with({.channel_check_interval = 30s}); }

    void open_with(detail::SessionLimits limits) {
        wheel().set_time(now_);
        open(limits);
    }
    detail::TimerWheel& wheel() { return asio::use_service<detail::TimerWheel>(context()); }
    void pass(std::chrono::steady_clock::duration time) {
        wheel().set_time(now_ += time);
        wheel().turn_by_hand();
        run();
    }

private:
    std::chrono::steady_clock::time_point now_{1h};
};

TEST_F(ChannelCheckTest, FindsOutThatTheCallerIsGone) {
    const auto waiting = start(call().wait_for_hangup());
    pass(30s);
    EXPECT_EQ(sent(), kQuestion);
    asterisk(kAliveSilent);
    EXPECT_FALSE(waiting->done());
    pass(30s);
    EXPECT_EQ(sent(), kQuestion);
    asterisk(kDeadSilent);
    EXPECT_TRUE(waiting->done());
    EXPECT_TRUE(begin(Noop())->threw<AGIResultHangup>());
    pass(30s);
    EXPECT_EQ(sent(), "");
    EXPECT_EQ(wheel().next(), std::nullopt);
}

TEST_F(ChannelCheckTest, AsksNoMoreWhereAsteriskTells) {
    pass(30s);
    EXPECT_EQ(sent(), kQuestion);
    asterisk(kAlive);
    pass(1h);
    EXPECT_EQ(sent(), "");
}

TEST_F(ChannelCheckTest, CancelsWorkForTheCaller) {
    const auto work = start(call().unless_hung_up(call().sleep_for(1h)));
    live();
    pass(30s);
    EXPECT_EQ(sent(), "");  // it has just lived
    pass(30s);
    EXPECT_EQ(sent(), kQuestion);
    asterisk(kDeadSilent);
    EXPECT_TRUE(work->threw<AGIResultHangup>()) << work->what();
}

TEST_F(ChannelCheckTest, LetsACommandWaitForItsAnswer) {
    pass(30s);
    EXPECT_EQ(sent(), kQuestion);
    const auto command = begin(Noop());
    EXPECT_EQ(sent(), "");
    asterisk(kAliveSilent);
    EXPECT_EQ(sent(), "NOOP\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(command->done());
    EXPECT_FALSE(command->error());
}

TEST_F(ChannelCheckTest, DelaysACommandOnceHoweverLongTheAnswerTakes) {
    pass(30s);
    const auto command = begin(Noop());
    pass(30s);
    sent();
    asterisk(kAliveSilent);
    EXPECT_EQ(sent(), "NOOP\n");
}

TEST_F(ChannelCheckTest, WaitsForTheCommandInFlight) {
    const auto dial = begin(Exec("Dial", "x"));
    const auto next = begin(Noop());
    sent();
    pass(90s);
    EXPECT_EQ(sent(), "");
    asterisk("200 result=0\n");
    EXPECT_TRUE(dial->done());
    EXPECT_EQ(sent(), kQuestion);
    asterisk(kAliveSilent);
    EXPECT_EQ(sent(), "NOOP\n");
}

TEST_F(ChannelCheckTest, WaitsForTheEndOfACancelledPrompt) {
    const auto prompt = begin(StreamFile("x"));
    sent();
    pass(30s);
    prompt->cancel.emit(asio::cancellation_type::terminal);
    run();
    EXPECT_EQ(sent(), "GET FULL VARIABLE \"costrix-fence-1\"\n");
    asterisk("200 result=1 (costrix-fence-1)\n");
    EXPECT_EQ(sent(), kQuestion);
}

// EXEC Read returns 0 on a dead channel, at once.
TEST_F(ChannelCheckTest, EndsALoopOfApplicationsThatNeverFail) {
    int rounds = 0;
    auto loop = [&]() -> asio::awaitable<void> {
        for (;; ++rounds)
            co_await call().execute(Exec("Read", "X"));
    };
    const auto task = start(loop());
    pass(30s);
    asterisk("200 result=0\n");
    asterisk(kDeadSilent);
    EXPECT_TRUE(task->threw<AGIResultHangup>()) << task->what();
    EXPECT_EQ(rounds, 1);
}

TEST_F(ChannelCheckTest, IsNoHindranceToACancellationOrADeadline) {
    pass(30s);
    const auto cancelled = begin(Noop());
    const auto late = start([](AGI& call) -> asio::awaitable<void> {
        co_await call.execute(Noop(), 5s);
    }(call()));
    cancelled->cancel.emit(asio::cancellation_type::terminal);
    run();
    EXPECT_TRUE(cancelled->threw<costrix::system_error>());
    pass(5s);
    EXPECT_TRUE(late->threw<AGITimeout>());
    EXPECT_EQ(sent(), kQuestion);
    asterisk(kAliveSilent);
    EXPECT_EQ(sent(), "");
    EXPECT_TRUE(sends(Noop()));
}

TEST_F(ChannelCheckTest, IsNotRepeatedWhileItsAnswerIsMissing) {
    pass(30s);
    EXPECT_EQ(sent(), kQuestion);
    pass(30s);
    pass(30s);
    EXPECT_EQ(sent(), "");
    transport().end();
    run();
    EXPECT_TRUE(begin(Noop())->threw<AGISIGPIPEHangup>());
}

TEST_F(ChannelCheckTest, EndsWithTheSession) {
    pass(30s);
    const auto command = begin(Noop());
    session().close();
    run();
    EXPECT_TRUE(command->threw<AGISIGPIPEHangup>());
    EXPECT_EQ(wheel().next(), std::nullopt);
}

TEST_F(ChannelCheckTest, IsOff) {
    for (const auto off : {std::optional<std::chrono::milliseconds>(), std::optional(0ms)}) {
        open_with({.channel_check_interval = off});
        EXPECT_EQ(wheel().next(), std::nullopt);
        pass(1h);
        EXPECT_EQ(sent(), "");
    }
}

TEST_F(ChannelCheckTest, BoundsTheTimeAfterAHangupThatItFinds) {
    open_with({.after_hangup_time = 60s, .channel_check_interval = 30s});
    live();
    pass(60s);
    pass(30s);
    asterisk(kDeadSilent);
    pass(60s);
    EXPECT_EQ(why_, "the handler took too long after the hangup");
}

TEST_F(ChannelCheckTest, GivesTimeToACallThatBeganDead) {
    open_with({.after_hangup_time = 60s, .channel_check_interval = 30s});
    open(kHExtension);
    asterisk(kDeadSilent);
    pass(1h);
    EXPECT_EQ(overtime_, 0);
    open(test::plain_environment());  // a hangup handler
    begin(Answer());
    asterisk(kRefused);
    asterisk(kDead);
    pass(1h);
    EXPECT_EQ(overtime_, 0);
    EXPECT_TRUE(sends(SetVariable("A", "b")));
}

}  // namespace
}  // namespace costrix::agi
