// SPDX-License-Identifier: MIT
// Every flow ends at once when the caller hangs up or when it is cancelled, and never spins.
#include "unit/flows/flow_call.hpp"

#include <gtest/gtest.h>

namespace costrix::agi::test {
namespace {

using namespace std::chrono_literals;

/// Calls `f(name, flow)` for each kind of flow, and for each way to treat keys.
template <class F>
void for_each_flow(F f) {
    for (const auto keys : {Prompt::Keys::interrupt, Prompt::Keys::keep, Prompt::Keys::drop}) {
        const auto prompt = Prompt("one", number(3), pause(1s), "two").keys(keys);
        Ask ask(prompt);
        ask.digits(4).on_silence({"silent", pause(1s)}).on_failure("goodbye");
        f("Ask", ask);
        Confirm confirm(prompt);
        confirm.on_silence("silent");
        f("Confirm", confirm);
        Spell spell(prompt);
        spell.on_silence("silent");
        f("Spell", spell);
        Menu below(prompt);
        below.on("2");
        Menu menu(prompt);
        menu.on("1", below).on_silence("silent");
        f("Menu", menu);
        RecordMessage message("/tmp/message");
        message.prompt(prompt).longest(4s).review("review");
        f("RecordMessage", message);
    }
}

/// A caller who presses 1 once, and is silent then.
Scenario quiet_caller() {
    auto scenario = caller();
    scenario.press("1", 3s);
    return scenario;
}

TEST(FlowEnd, ComesWithTheHangupWheneverItIs) {
    for (const bool sighup : {true, false}) {
        for (auto at = 130ms; at < 16s; at += 730ms) {
            for_each_flow([&](const std::string& name, const auto& flow) {
                auto scenario = quiet_caller();
                scenario.agisighup(sighup).hang_up_after(at);
                SCOPED_TRACE(name + " " + std::to_string(at.count()) + (sighup ? " yes" : " no"));
                const auto run = run_flow(scenario, flow);
                EXPECT_LE(run.took, at) << name;
                const bool keeps = name == "RecordMessage";  // what there is
                EXPECT_TRUE(keeps || !run.result || run.took < at) << name << " " << at.count();
            });
        }
    }
}

TEST(FlowEnd, ComesWithACancellationWheneverItIs) {
    for (auto at = 130ms; at < 16s; at += 730ms) {
        for_each_flow([&](const std::string& name, const auto& flow) {
            bool cancelled = false;
            std::chrono::nanoseconds took{};
            auto handler = [&](AGI& call, const Request&) -> asio::awaitable<void> {
                const auto begin = call.now();
                auto work = flow.run(call);
                const auto first = co_await race(std::move(work), call.sleep_for(at));
                cancelled = first.index() == 1;
                took = call.now() - begin;
            };
            testing::run_call(quiet_caller(), handler);
            EXPECT_LE(took, at) << name;  // of a recording too, which Asterisk does not stop
            EXPECT_TRUE(cancelled || took < at) << name;
        });
    }
}

/// After a hangup of which nothing tells, a flow is refused at its first prompt.
TEST(FlowEnd, ComesAtTheFirstPromptAfterAHangup) {
    for (const bool sighup : {true, false}) {
        for_each_flow([&](const std::string& name, const auto& flow) {
            bool ended = false;
            auto handler = [&](AGI& call, const Request&) -> asio::awaitable<void> {
                call.allow_after_hangup();
                co_await call.sleep_for(2s);
                auto work = flow.run(call);
                co_await std::move(work);
                ended = true;
            };
            auto scenario = caller();
            scenario.agisighup(sighup).hang_up_after(1s);
            EXPECT_THROW(testing::run_call(scenario, handler), AGIException) << name;
            EXPECT_FALSE(ended) << name;
        });
    }
}

}  // namespace
}  // namespace costrix::agi::test
