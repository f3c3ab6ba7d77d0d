// SPDX-License-Identifier: MIT
// A long call with every fault injected at every step: the right end, no hang, and where the
// session lives on, the next reply is the next command's.
#include "support/session_fixture.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

namespace costrix::agi {
namespace {

struct Step {
    const char* reply;
};

/// What Asterisk answers to the commands of flow(), in order.
const std::vector<Step> kSteps{
    {"200 result=0\n"},
    {"200 result=1 (Alice)\n"},
    {"200 result=0\n"},
    {"200 result=0 endpos=800\n"},
    {"200 result=1234\n"},
    {"200 result=49\n"},
    {"200 result=0\n"},
    {"200 result=1\n"},
};

class Sweep : public test::SessionTest {
protected:
    enum class Fault { hangup, half_hangup, end_of_file, reset, cancellation, time_out };

    asio::awaitable<void>
    command(std::size_t step, std::optional<std::chrono::milliseconds> limit) {
        const auto deadline =
            limit ? std::chrono::steady_clock::now() + *limit : AGI::Deadline::max();
        switch (step) {
        case 0:
            co_await call().execute(Answer(), deadline);
            break;
        case 1:
            co_await call().execute(GetVariable("NAME"), deadline);
            break;
        case 2:
            co_await call().execute(SayDigits("123"), deadline);
            break;
        case 3:
            co_await call().execute(StreamFile("x"), deadline);
            break;
        case 4:
            co_await call().execute(GetData("pin"), deadline);
            break;
        case 5:
            co_await call().execute(WaitForDigit(), deadline);
            break;
        case 6:
            co_await call().execute(Exec("Dial", "x"), deadline);
            break;
        default:
            co_await call().execute(Verbose("done"), deadline);
            break;
        }
    }

    /// Plays the call up to `faulty`, where the fault strikes while the command runs.
    void play(Fault fault, std::size_t faulty) {
        SCOPED_TRACE(
            "fault " + std::to_string(static_cast<int>(fault)) + " at step " +
            std::to_string(faulty)
        );
        open(test::plain_environment());
        for (std::size_t step = 0; step < faulty; ++step) {
            const auto task = start(command(step, {}));
            asterisk(kSteps[step].reply);
            ASSERT_TRUE(task->done());
            ASSERT_FALSE(task->error()) << task->what();
        }
        std::optional<std::chrono::milliseconds> limit;
        if (fault == Fault::time_out)
            limit = std::chrono::milliseconds(100);
        const auto task = start(command(faulty, limit));
        ASSERT_FALSE(task->done());
        sent();
        strike(fault, faulty, *task);
        ASSERT_TRUE(wait_for(*task)) << "hangs";
        check(fault, faulty, *task);
    }

private:
    void strike(Fault fault, std::size_t step, test::Task& task) {
        switch (fault) {
        case Fault::hangup:
            asterisk(std::string("HANGUP\n") + kSteps[step].reply);
            break;
        case Fault::half_hangup:
            asterisk("HANG");
            asterisk("UP\n511 Command Not Permitted on a dead channel\n");
            break;
        case Fault::end_of_file:
            transport().end();
            run();
            break;
        case Fault::reset:
            transport().end(asio::error::connection_reset);
            run();
            break;
        case Fault::cancellation:
            task.cancel.emit(asio::cancellation_type::terminal);
            run();
            break;
        case Fault::time_out:
            break;
        }
    }

    void check(Fault fault, std::size_t step, test::Task& task) {
        switch (fault) {
        case Fault::hangup:
            EXPECT_FALSE(task.error()) << task.what();  // answered all the same
            expect_over<AGIResultHangup>();
            break;
        case Fault::half_hangup:
            EXPECT_TRUE(task.threw<AGIResultHangup>()) << task.what();
            expect_over<AGIResultHangup>();
            break;
        case Fault::end_of_file:
        case Fault::reset:
            EXPECT_TRUE(task.threw<AGISIGPIPEHangup>()) << task.what();
            expect_over<AGISIGPIPEHangup>();
            break;
        case Fault::cancellation:
            EXPECT_TRUE(task.threw<costrix::system_error>());
            expect_in_step(step);
            break;
        case Fault::time_out:
            EXPECT_TRUE(task.threw<AGITimeout>()) << task.what();
            expect_in_step(step);
            break;
        }
    }

    template <class E>
    void expect_over() {
        EXPECT_TRUE(call().hung_up());
        EXPECT_TRUE(start(call().execute(Noop()))->threw<E>());
        EXPECT_EQ(sent(), "");
    }

    /// Once with the prompt stopped by the fence, or the owed reply coming late.
    void expect_in_step(std::size_t step) {
        EXPECT_FALSE(call().hung_up());
        std::optional<std::string> value;
        auto next = [&]() -> asio::awaitable<void> {
            value = co_await call().execute(GetVariable("NEXT"));
        };
        const auto task = start(next());
        const auto fence = sent();
        if (fence.empty())
            asterisk(kSteps[step].reply);  // late, and nobody's
        else
            asterisk("200 result=1 (" + fence.substr(19, fence.rfind('"') - 19) + ")\n");
        EXPECT_EQ(sent(), "GET VARIABLE \"NEXT\"\n");
        asterisk("200 result=1 (right)\n");
        EXPECT_EQ(value, "right");
    }
};

TEST_F(Sweep, EndsRightWhateverStrikesWherever) {
    for (const auto fault :
         {Fault::hangup,
          Fault::half_hangup,
          Fault::end_of_file,
          Fault::reset,
          Fault::cancellation,
          Fault::time_out}) {
        for (std::size_t step = 0; step < kSteps.size(); ++step)
            play(fault, step);
    }
}

}  // namespace
}  // namespace costrix::agi
