// SPDX-License-Identifier: MIT
// Calls placed by a real Asterisk: what the service saw, and what AGISTATUS says.
#include "asterisk/asterisk_fixture.hpp"
#include "support/child_process.hpp"

#include <costrix/asio.hpp>

#include <atomic>
#include <csignal>
#include <cstdlib>

namespace costrix::agi {
namespace {

using test::AsteriskTest;
using test::ChildProcess;
using namespace std::chrono_literals;

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
    EXPECT_NE(ivr.output().find(" menu: "), std::string::npos) << ivr.output();
    EXPECT_NE(ivr.output().find(" 6 commands"), std::string::npos) << ivr.output();
    EXPECT_NE(ivr.output().find(" pin/1234: returned, "), std::string::npos) << ivr.output();
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

TEST_F(AsteriskTest, ATransferLooksLikeAHangupAndTheChannelGoesOn) {
    std::atomic<bool> playing = false, hangup = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        playing = true;
        try {
            co_await call.execute(StreamFile("tt-monkeys"));
        } catch (const AGIResultHangup&) {
            hangup = true;
        }
    };
    serve(flow);
    auto call = plan();
    call.answered = true;
    const auto id = asterisk_.start(call);
    while (!playing)
        std::this_thread::sleep_for(10ms);
    asterisk_.action(
        "Redirect",
        {{"Channel", id + "script"},
         {"Context", "costrix-agi"},
         {"Exten", "moved"},
         {"Priority", "label"}}
    );
    EXPECT_EQ(asterisk_.event("CostrixSeen", 10s)["Where"], "costrix-agi moved 3");
    EXPECT_EQ(asterisk_.wait(id).agistatus, "HANGUP");
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

TEST_F(AsteriskTest, GetOptionHidesAHangupAfterItsPrompt) {
    std::optional<char> key = 'x';
    std::atomic<bool> hangup = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        key = (co_await call.execute(GetOption("beep", "1").timeout(30s))).key;
        try {
            co_await call.execute(ChannelStatus());
        } catch (const AGIResultHangup&) {
            hangup = true;
        }
    };
    serve(flow);
    auto call = plan();
    call.answered = true;
    call.hangup_after = 1500ms;
    for (const auto* sighup : {"yes", "no"}) {
        call.variables = {{"AGISIGHUP", sighup}};
        hangup = false;
        EXPECT_EQ(asterisk_.place(call).agistatus, "HANGUP");
        EXPECT_EQ(key, std::nullopt);
        EXPECT_TRUE(hangup) << sighup;
    }
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
