// SPDX-License-Identifier: MIT
// What tests of call flows share: a scenario, and a handler that keeps what a flow returned.
#pragma once

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/run_call.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace costrix::agi::test {

using testing::EventKind;
using testing::FakeAsterisk;
using testing::Scenario;

/// What a flow returned, and the Asterisk after it.
template <class Result>
struct FlowRun {
    FakeAsterisk asterisk;
    std::optional<Result> result;  ///< Empty when the flow threw or never ended.
    std::chrono::nanoseconds took{};

    std::vector<std::string> played() const { return asterisk.texts(EventKind::played); }
};

/// Runs `flow.run(call)` in a call, and leaves exceptions of a hangup to the handler.
template <class Flow>
auto run_flow(const Scenario& scenario, const Flow& flow) {
    using Result = typename decltype(flow.run(std::declval<AGI&>()))::value_type;
    std::optional<Result> result;
    auto handler = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        auto work = flow.run(call);
        result = co_await std::move(work);
    };
    FakeAsterisk asterisk = testing::run_call(scenario, handler);
    const auto took = asterisk.now();
    return FlowRun<Result>{std::move(asterisk), std::move(result), took};
}

/// An answered call; every sound exists, and takes 2 s.
inline Scenario caller() {
    Scenario scenario("flow");
    scenario.answered().any_sound(std::chrono::seconds(2));
    return scenario;
}

using Strings = std::vector<std::string>;

}  // namespace costrix::agi::test
