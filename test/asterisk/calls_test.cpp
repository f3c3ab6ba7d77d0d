// SPDX-License-Identifier: MIT
// Calls placed by a real Asterisk: what the service saw, and what AGISTATUS says.
#include "asterisk/ami_client.hpp"
#include "support/child_process.hpp"
#include "support/log_capture.hpp"

#include <costrix/agi.hpp>

#include <asio/experimental/awaitable_operators.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace costrix::agi {
namespace {

using test::AmiClient;
using test::CallPlan;
using test::ChildProcess;
using test::LogCapture;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A server of the test's own, and the Asterisk that test/asterisk/up has started.
class AsteriskTest : public ::testing::Test {
protected:
    ~AsteriskTest() override { finish(); }

    /// Waits for the handlers: Asterisk may be done with a call before they are.
    void finish() {
        server_.shutdown();
        if (thread_.joinable())
            thread_.join();
    }

    void serve(ScriptHandler handler) {
        server_.register_script_handler(std::nullopt, std::move(handler));
        thread_ = std::thread([this] { server_.run(); });
    }
    CallPlan plan(std::string path = "test") const {
        CallPlan one;
        one.path = std::move(path);
        one.port = server_.port();
        return one;
    }

    LogCapture log_;
    FastAGIServer server_{{.port = 0, .logger = log_.logger()}};
    std::thread thread_;
    AmiClient asterisk_{5038};
};

TEST_F(AsteriskTest, TheSampleIvrTakesDigits) {
    ChildProcess ivr({COSTRIX_BIN_DIR "/ivr", "0"});
    ASSERT_TRUE(ivr.wait_for("listening on port ")) << ivr.output();
    auto call = plan("menu");
    call.port = static_cast<std::uint16_t>(std::atoi(ivr.output().c_str() + 18));
    call.digits = "w2";
    call.after = 2500ms;
    EXPECT_EQ(asterisk_.place(call).agistatus, "HANGUP");  // the script hung up
    call.path = "pin/1234";
    call.digits = "1234";
    call.after = 1000ms;
    EXPECT_EQ(asterisk_.place(call).agistatus, "SUCCESS");
    ivr.signal(SIGTERM);
    EXPECT_EQ(ivr.wait(), 0);
    EXPECT_NE(ivr.output().find("/menu: "), std::string::npos) << ivr.output();
    EXPECT_NE(ivr.output().find(" 6 commands"), std::string::npos) << ivr.output();
    EXPECT_NE(ivr.output().find("/pin/1234: done, "), std::string::npos) << ivr.output();
}

TEST_F(AsteriskTest, TellsTheHandlerWhatTheDialplanSaid) {
    Request seen;
    std::string channel, version, caller;
    auto flow = [&](AGI& call, const Request& request) -> asio::awaitable<void> {
        seen = request;
        channel = call.environment().channel();
        version = call.environment().version();
        caller = call.environment().caller_id().value_or("none");
        co_return;
    };
    serve(flow);
    auto call = plan("a/b?x=1%202&y=");
    call.args = {"one", "", "a, b", "\"quoted\""};
    call.caller = "Alice <555>";
    EXPECT_EQ(asterisk_.place(call).agistatus, "SUCCESS");
    EXPECT_EQ(seen.path, "a/b");
    EXPECT_EQ(seen.kwargs.first("x"), "1 2");
    EXPECT_EQ(seen.kwargs.first("y"), "");
    EXPECT_EQ(seen.args, call.args);
    EXPECT_TRUE(channel.starts_with("Local/")) << channel;
    EXPECT_TRUE(version.starts_with("22.")) << version;
    EXPECT_EQ(caller, "555");
}

TEST_F(AsteriskTest, Runs200CallsAtOnce) {
    std::atomic<int> at_once = 0, most = 0, done = 0;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        const int now = ++at_once;
        most = std::max(most.load(), now);
        co_await call.execute(Answer());
        co_await call.execute(SetVariable("X", "y"));
        const auto value = co_await call.execute(GetVariable("X"));
        if (value == "y")
            ++done;
        co_await call.execute(WaitForDigit(4s));  // so that all are there at the same time
        --at_once;
    };
    serve(flow);
    for (const auto& outcome : asterisk_.place(plan(), 200, 200, 60s))
        EXPECT_EQ(outcome.agistatus, "SUCCESS");
    EXPECT_EQ(done, 200);
    EXPECT_EQ(most, 200);
}

TEST_F(AsteriskTest, TheCallerHangsUpInMidPrompt) {
    std::string how;
    std::optional<std::string> after;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        try {
            co_await call.execute(StreamFile("tt-monkeys"));
        } catch (const AGIResultHangup& hangup) {
            how = hangup.reply().text();
        }
        EXPECT_TRUE(call.hung_up());
        co_await call.execute(Noop());  // ends the handler by the specification
        after = "not reached";
    };
    serve(flow);
    auto call = plan();
    call.hangup_after = 1500ms;
    EXPECT_EQ(asterisk_.place(call).agistatus, "HANGUP");
    EXPECT_TRUE(how.starts_with("200 result=-1 endpos=")) << how;
    EXPECT_EQ(after, std::nullopt);
}

TEST_F(AsteriskTest, AHangupWithoutANoticeIsRecognisedToo) {
    std::atomic<bool> hangup = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        try {
            co_await call.execute(StreamFile("tt-monkeys"));
        } catch (const AGIResultHangup&) {
            hangup = true;
        }
    };
    serve(flow);
    auto call = plan();
    call.hangup_after = 1500ms;
    call.variables = {{"AGISIGHUP", "no"}};
    asterisk_.place(call);
    finish();
    EXPECT_TRUE(hangup);
}

TEST_F(AsteriskTest, AMissingFileIsNoHangup) {
    std::string error, next;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        try {
            co_await call.execute(StreamFile("no-such-file"));
        } catch (const AGIAppError& failure) {
            error = failure.what();
        }
        next = (co_await call.execute(GetVariable("CONTEXT"))).value_or("none");
    };
    serve(flow);
    EXPECT_EQ(asterisk_.place(plan()).agistatus, "FAILURE");  // Asterisk's word for the file
    EXPECT_EQ(error, "no such sound file: STREAM FILE \"no-such-file\" \"\"");
    EXPECT_EQ(next, "costrix-agi");
}

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
        } catch (const asio::system_error&) {
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

TEST_F(AsteriskTest, CleaningUpAfterAHangup) {
    std::optional<std::string> value;
    std::atomic<bool> refused = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        call.allow_after_hangup();
        co_await call.execute(Answer());
        co_await call.wait_for_hangup();
        co_await call.execute(SetVariable("BILL", "12.50"));
        value = co_await call.execute(GetVariable("BILL"));
        try {
            co_await call.execute(StreamFile("beep"));
        } catch (const AGIDeadChannelError&) {
            refused = true;
        }
    };
    serve(flow);
    auto call = plan();
    call.hangup_after = 1200ms;
    EXPECT_EQ(asterisk_.place(call).agistatus, "HANGUP");
    EXPECT_EQ(value, "12.50");
    EXPECT_TRUE(refused);
}

TEST_F(AsteriskTest, AsteriskClosesAtTheHangupIfItIsToldTo) {
    std::string how;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        call.allow_after_hangup();
        co_await call.execute(Answer());
        co_await call.wait_for_hangup();
        asio::steady_timer until_closed(call.get_executor(), 200ms);
        co_await until_closed.async_wait(asio::use_awaitable);
        try {
            co_await call.execute(GetVariable("X"));
        } catch (const AGIHangup& hangup) {
            how = hangup.what();
        }
    };
    serve(flow);
    auto call = plan();
    call.hangup_after = 1200ms;
    call.variables = {{"AGIEXITONHANGUP", "yes"}};
    asterisk_.place(call);
    finish();
    EXPECT_NE(how, "");
}

TEST_F(AsteriskTest, ADeadChannelServesWhatItAllows) {
    std::optional<std::string> value;
    std::atomic<bool> refused = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(SetVariable("A", "b"));
        EXPECT_TRUE(call.hung_up());
        value = co_await call.execute(GetVariable("A"));
        try {
            co_await call.execute(Answer());
        } catch (const AGIDeadChannelError&) {
            refused = true;
        }
        co_await call.execute(Verbose("still there"));
    };
    serve(flow);
    auto call = plan();
    call.mode = test::Mode::dead;
    asterisk_.place(call);
    finish();
    EXPECT_EQ(value, "b");
    EXPECT_TRUE(refused);
}

TEST_F(AsteriskTest, HostileValuesArriveByteForByte) {
    std::string all;
    for (int byte = 1; byte < 256; ++byte) {
        if (byte != '\n' && byte != '\r')
            all += static_cast<char>(byte);
    }
    std::optional<std::string> back;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(SetVariable("HOSTILE", all));
        back = co_await call.execute(GetVariable("HOSTILE"));
    };
    serve(flow);
    EXPECT_EQ(asterisk_.place(plan()).agistatus, "SUCCESS");
    EXPECT_EQ(back, all);
}

}  // namespace
}  // namespace costrix::agi
