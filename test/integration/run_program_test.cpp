// SPDX-License-Identifier: MIT
// The samples as scripts of the simulated Asterisk: stdin, stdout, signals and exit status.
#include <costrix/asio.hpp>
#include <costrix/testing/run_program.hpp>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <system_error>

#include <cerrno>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace costrix::testing {
namespace {

using namespace std::chrono_literals;

FakeAsterisk run(Scenario scenario, const std::string& program) {
    asio::io_context context;
    std::optional<FakeAsterisk> result;
    std::exception_ptr error;
    const auto call = [&]() -> asio::awaitable<void> {
        result = co_await run_program(std::move(scenario), program, nullptr, 20);
    };
    asio::co_spawn(context, call, [&error](std::exception_ptr thrown) { error = thrown; });
    context.run_for(30s);
    if (error)
        std::rethrow_exception(error);
    return std::move(result).value();
}

Scenario pin_call(const std::string& keys) {
    Scenario scenario;
    scenario.any_sound(1s).args({"1234"}).press_during("agent-pass", keys);
    return scenario;
}

constexpr const char* kLineByLine = COSTRIX_BIN_DIR "/line_by_line";

TEST(RunProgram, PlaysACallOnStandardInputAndOutput) {
    const auto asterisk = run(pin_call("1234"), kLineByLine);
    EXPECT_EQ(asterisk.variable("PIN_OK"), "1");
    EXPECT_EQ(asterisk.agistatus(), "SUCCESS");
    EXPECT_EQ(asterisk.texts(EventKind::played).back(), "auth-thankyou");
    EXPECT_EQ(run(pin_call("9999"), kLineByLine).variable("PIN_OK"), "0");
}

TEST(RunProgram, SendsSighupAtAHangup) {
    const auto asterisk = run(pin_call("1").hang_up_during("agent-pass", 200ms), kLineByLine);
    EXPECT_EQ(asterisk.sighups(), 1);
    EXPECT_EQ(asterisk.agistatus(), "HANGUP");
    EXPECT_FALSE(asterisk.variable("PIN_OK"));
}

TEST(RunProgram, KillsTheProcessWhenItIsCancelled) {
    asio::io_context context;
    asio::cancellation_signal cancel;
    std::exception_ptr error;
    asio::co_spawn(
        context,
        [scenario = Scenario().args({"100"})]() -> asio::awaitable<void> {
            co_await run_program(scenario, "/bin/sleep");
        },
        asio::bind_cancellation_slot(
            cancel.slot(), [&error](std::exception_ptr thrown) { error = thrown; }
        )
    );
    context.run_for(50ms);
    EXPECT_FALSE(error);
    cancel.emit(asio::cancellation_type::terminal);
    context.run_for(10s);
    EXPECT_THROW(std::rethrow_exception(error), costrix::system_error);
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);  // no child is left
    EXPECT_EQ(errno, ECHILD);
}

TEST(RunProgram, TakesTheExitStatus) {
    EXPECT_EQ(run(Scenario(), "/bin/false").agistatus(), "FAILURE");
    EXPECT_EQ(run(Scenario(), "/bin/true").agistatus(), "SUCCESS");
    EXPECT_THROW(run(Scenario(), "/nonexistent/script"), std::system_error);
}

}  // namespace
}  // namespace costrix::testing
