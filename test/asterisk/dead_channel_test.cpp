// SPDX-License-Identifier: MIT
// AGI on channels that are dead, or look so: the h extension, hangup handlers, intercept routines.
#include "asterisk/asterisk_fixture.hpp"

#include <atomic>
#include <optional>
#include <string>
#include <vector>

namespace costrix::agi {
namespace {

using test::AsteriskTest;
using test::Mode;
using namespace std::chrono_literals;

/// What a command that needs a live channel throws.
template <Action A>
asio::awaitable<std::string> thrown(AGI& call, A action) {
    try {
        co_await call.execute(action);
    } catch (const AGIDeadChannelError&) {
        co_return "AGIDeadChannelError";
    } catch (const AGIResultHangup&) {
        co_return "AGIResultHangup";
    }
    co_return "nothing";
}

/// What Asterisk allows on a dead channel.
asio::awaitable<void> clean_up(AGI& call) {
    co_await call.execute(SetVariable("A", "b"));
    EXPECT_EQ(co_await call.execute(GetVariable("A")), "b");
    co_await call.execute(DatabasePut("costrix", "dead", "1"));
    co_await call.execute(Exec("NoOp"));
    co_await call.execute(Verbose("still there"));
}

// --- dead from the beginning ---------------------------------------------------------------------

class DeadChannel : public AsteriskTest {
protected:
    /// A call whose script is run when it is over; what a live channel's command threw.
    std::string run_dead(Mode mode) {
        std::string error;
        auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
            co_await clean_up(call);
            error = co_await thrown(call, Answer());
            EXPECT_TRUE(call.hung_up());
            co_await clean_up(call);
        };
        serve(flow);
        auto call = plan();
        call.mode = mode;
        EXPECT_EQ(asterisk_.place(call).agistatus, "SUCCESS");
        finish();
        expect_nothing_wrong();
        return error;
    }
};

TEST_F(DeadChannel, TheHExtensionCleansUp) {
    EXPECT_EQ(run_dead(Mode::dead), "AGIDeadChannelError");
}

TEST_F(DeadChannel, AGosubOfTheHExtensionCleansUp) {
    EXPECT_EQ(run_dead(Mode::dead_sub), "AGIDeadChannelError");
}

TEST_F(DeadChannel, AHangupHandlerCleansUp) {
    EXPECT_EQ(run_dead(Mode::handler), "AGIDeadChannelError");
}

// --- alive, whatever it looks like ---------------------------------------------------------------

TEST_F(DeadChannel, AGotoToHLeavesTheCallAlive) {
    std::atomic<int> sessions = 0;
    bool lived = false, dead = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        if (++sessions == 1) {
            co_await call.execute(Answer());
            EXPECT_FALSE(call.hung_up());
            co_await call.execute(StreamFile("beep"));
            co_await call.execute(Hangup());
            lived = true;
        } else {  // Asterisk runs h again
            co_await clean_up(call);
            dead = call.hung_up();
        }
    };
    serve(flow);
    auto call = plan();
    call.mode = Mode::live_h;
    EXPECT_EQ(asterisk_.place(call).agistatus, "SUCCESS");  // of the second one
    finish();
    EXPECT_TRUE(lived);
    EXPECT_EQ(sessions, 2);
    EXPECT_TRUE(dead);
}

class InterceptRoutine : public AsteriskTest, public ::testing::WithParamInterface<const char*> {
protected:
    void intercept(ScriptHandler handler) {
        serve(std::move(handler));
        auto call = plan();
        call.mode = Mode::intercept;
        const std::string which = GetParam();
        call.variables = {
            {"COSTRIX_INTERCEPT", which},
            {"COSTRIX_PEER", which == "REDIRECTING_SEND_SUB" ? "redirecting" : "connected"}};
        call.hangup_after = 2s;
        call.report = "${DIALSTATUS}";
        EXPECT_EQ(asterisk_.place(call).report, "ANSWER");
        finish();
        expect_nothing_wrong();
    }
};

TEST_P(InterceptRoutine, IsNoHangup) {
    std::string error;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        error = co_await thrown(call, StreamFile("beep"));
        EXPECT_FALSE(call.hung_up());
        co_await clean_up(call);
        co_await call.execute(Exec("Playback", "beep"));  // applications do run
        EXPECT_EQ(co_await call.execute(GetVariable("PLAYBACKSTATUS")), "SUCCESS");
        EXPECT_FALSE(call.hung_up());
    };
    intercept(flow);
    EXPECT_EQ(error, "AGIDeadChannelError");
}

INSTANTIATE_TEST_SUITE_P(
    Both,
    InterceptRoutine,
    ::testing::Values("CONNECTED_LINE_SEND_SUB", "REDIRECTING_SEND_SUB"),
    [](const auto& which) { return std::string(which.param).substr(0, 6); }
);

}  // namespace
}  // namespace costrix::agi
