// SPDX-License-Identifier: MIT
// Starts a program and plays a FakeAsterisk's call against it.
#include "testing/live_call.hpp"
#include "testing/script_process.hpp"

#include <costrix/asio.hpp>
#include <costrix/testing/run_program.hpp>

#include <utility>

namespace costrix::inline COSTRIX_ABI::testing {

asio::awaitable<FakeAsterisk> run_program(
    Scenario scenario,
    std::string program,
    std::function<void(const Event&)> observer,
    double speed
) {
    const auto executor = co_await asio::this_coro::executor;
    scenario.classic().path(program);
    std::vector<std::string> command{program};
    for (const auto& argument : scenario.data().arguments)
        command.push_back(argument);
    FakeAsterisk asterisk(scenario);
    if (observer)
        asterisk.observe(std::move(observer));
    const detail::ScriptProcess::Options options{.audio = scenario.data().enhanced};
    auto script = std::make_unique<detail::ScriptProcess>(executor, std::move(command), options);
    detail::LiveCall call(std::move(script), asterisk, speed);
    co_await call.run();
    co_return asterisk;
}

}  // namespace costrix::inline COSTRIX_ABI::testing
