// SPDX-License-Identifier: MIT
// Moves bytes, time and signals between a FakeAsterisk and a script's process.
#include "testing/real_time.hpp"
#include "testing/script_process.hpp"

#include <costrix/testing/run_program.hpp>

#include <asio/buffer.hpp>
#include <asio/this_coro.hpp>
#include <asio/write.hpp>

#include <array>
#include <utility>

namespace costrix::testing {
namespace {

using detail::kTuple;

/// The call in progress: the script's output and the passing of time are two coroutines on one
/// executor. Asterisk waits for the process, whatever became of its descriptors.
class ProgramDriver {
public:
    ProgramDriver(
        const asio::any_io_executor& executor,
        detail::ScriptProcess& script,
        FakeAsterisk& asterisk,
        double speed
    )
        : script_(script), asterisk_(asterisk), time_(executor, asterisk, speed) {}

    asio::awaitable<void> run() {
        co_await pass_on();
        co_await detail::until_one_ends(read(), pass_time());
        while (!asterisk_.closed() && asterisk_.advance_to_next_event()) {
        }
    }

private:
    asio::awaitable<void> read() {
        std::array<char, 4096> buffer;
        while (true) {
            const auto [error, size] =
                co_await script_.output().async_read_some(asio::buffer(buffer), kTuple);
            time_.catch_up();
            if (error)
                break;
            asterisk_.receive({buffer.data(), size});
            time_.look_again();
            co_await pass_on();
        }
        asterisk_.script_half_closed();
        const int status = co_await script_.wait();
        time_.catch_up();
        asterisk_.script_exited(status);
    }

    asio::awaitable<void> pass_time() {
        while (true) {
            co_await time_.pass();
            co_await pass_on();
        }
    }

    /// What Asterisk wrote, and its signal.
    asio::awaitable<void> pass_on() {
        for (; told_ < asterisk_.sighups(); ++told_)
            script_.hang_up();
        const auto output = asterisk_.take_output();
        if (!output.empty())
            co_await asio::async_write(script_.input(), asio::buffer(output), kTuple);
        if (asterisk_.closed() && script_.input().is_open())
            script_.input().close();
    }

    detail::ScriptProcess& script_;
    FakeAsterisk& asterisk_;
    detail::RealTime time_;
    int told_ = 0;  // SIGHUPs
};

}  // namespace

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
    detail::ScriptProcess script(executor, std::move(command), scenario.data().enhanced);
    ProgramDriver driver(executor, script, asterisk, speed);
    co_await driver.run();
    co_return asterisk;
}

}  // namespace costrix::testing
