// SPDX-License-Identifier: MIT
// AGISIGHUP=no: Asterisk says nothing of the hangup, and no loop goes on for long without its call.
#include "asterisk/asterisk_fixture.hpp"

#include <atomic>
#include <functional>
#include <iostream>
#include <string>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Flow = asio::awaitable<void> (*)(AGI&);

FastAGIServerOptions checking() {
    FastAGIServerOptions options;
    options.channel_check_interval = 500ms;
    return options;
}

/// Loops of the kinds that people write, until the session ends them.
class Unnoticed : public test::AsteriskTest {
protected:
    Unnoticed() : AsteriskTest(checking()) {}

    /// The caller hangs up in the flow, which is called again and again.
    void hang_up_in(Flow flow, int most_rounds) {
        std::atomic<int> rounds = 0;
        std::atomic<bool> ended = false;
        auto handler = [&](AGI& call, const Request&) -> asio::awaitable<void> {
            try {
                for (;; ++rounds)
                    co_await flow(call);
            } catch (const AGIResultHangup&) {
                ended = true;
            }
        };
        serve(handler);
        auto call = plan();
        call.answered = true;
        call.hangup_after = 1700ms;
        call.variables = {{"AGISIGHUP", "no"}};
        const auto outcome = asterisk_.place(call, 20s);
        finish();
        EXPECT_EQ(outcome.agistatus, "HANGUP");
        EXPECT_LT(outcome.took, 6s);
        EXPECT_TRUE(ended);
        EXPECT_LE(rounds, most_rounds);
        expect_nothing_wrong();
        std::cout << outcome.took.count() << " ms, " << rounds << " rounds\n";
    }
};

TEST_F(Unnoticed, EndsAWaitForTheHangup) {
    const auto flow = [](AGI& call) -> asio::awaitable<void> {
        co_await call.wait_for_hangup();
        co_await call.execute(Noop());
    };
    hang_up_in(flow, 0);
}

TEST_F(Unnoticed, EndsWorkForTheCaller) {
    hang_up_in([](AGI& call) { return call.unless_hung_up(test::long_work()); }, 0);
}

TEST_F(Unnoticed, EndsARetriedPrompt) {
    const auto flow = [](AGI& call) -> asio::awaitable<void> {
        co_await call.execute(GetData("tt-monkeys").timeout(1s));
    };
    hang_up_in(flow, 1);
}

TEST_F(Unnoticed, EndsARetriedPromptThatErrorsAreForgiven) {
    const auto flow = [](AGI& call) -> asio::awaitable<void> {
        try {
            co_await call.execute(StreamFile("tt-monkeys"));
        } catch (const AGIError&) {
        }
    };
    hang_up_in(flow, 1);
}

TEST_F(Unnoticed, EndsAPauseBetweenPrompts) {
    const auto flow = [](AGI& call) -> asio::awaitable<void> {
        co_await call.sleep_for(200ms);
        co_await call.execute(StreamFile("beep"));
    };
    hang_up_in(flow, 10);
}

// Read returns 0 at the hangup, and then at once: nothing but the check tells.
TEST_F(Unnoticed, EndsARetriedReadWithinTwoChecks) {
    const auto flow = [](AGI& call) -> asio::awaitable<void> {
        co_await call.execute(Exec("Read", "DIGITS", "tt-monkeys", "4", "", "1", "5"));
    };
    hang_up_in(flow, 100'000);
}

TEST_F(Unnoticed, EndsALoopOfVariables) {
    const auto flow = [](AGI& call) -> asio::awaitable<void> {
        co_await call.execute(GetVariable("CONTEXT"));
        co_await call.sleep_for(20ms);
    };
    hang_up_in(flow, 1000);
}

TEST_F(Unnoticed, EndsADialThatIsRetried) {
    const auto flow = [](AGI& call) -> asio::awaitable<void> {
        co_await call.execute(Exec("Dial", "Local/ring@costrix-party/n", "20"));
    };
    hang_up_in(flow, 1);
}

}  // namespace
}  // namespace costrix::agi
