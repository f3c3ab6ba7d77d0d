// SPDX-License-Identifier: MIT
// The conversation: commands in turn, replies, hangup, cancellation; without sockets.
#include "support/session_fixture.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <optional>

namespace costrix::agi {
namespace {

using detail::Fault;
using test::plain_environment;
using test::SessionTest;
using test::Task;

bool aborted(const Task& task) {
    try {
        if (task.error())
            std::rethrow_exception(task.error());
    } catch (const costrix::system_error& error) {
        return error.code() == asio::error::operation_aborted;
    } catch (...) {
    }
    return false;
}

TEST_F(SessionTest, GivesTheEnvironmentAndACopyOfIt) {
    EXPECT_TRUE(opened_);
    EXPECT_EQ(call().environment().channel(), "PJSIP/100-00000001");
    EXPECT_EQ(call().get_environment().at("agi_language"), "en");
    EXPECT_EQ(call().get_environment().size(), 10U);
}

TEST_F(SessionTest, SendsACommandInOneWriteAndGivesItsResult) {
    GetData::Result pin;
    auto flow = [&]() -> asio::awaitable<void> {
        pin = co_await call().execute(GetData("enter-pin").max_digits(4));
    };
    const auto task = start(flow());
    EXPECT_EQ(sent(), "GET DATA \"enter-pin\" 0 4\n");
    asterisk("200 result=0042 (timeout)\n");
    EXPECT_TRUE(task->done());
    EXPECT_EQ(pin.digits, "0042");
    EXPECT_TRUE(pin.timed_out);
}

TEST_F(SessionTest, EncodesAtOnceAndRefersToNothingLater) {
    std::optional<asio::awaitable<void>> stored;
    {
        const Noop action("gone by then");
        stored = call().execute(action);
    }
    EXPECT_EQ(sent(), "");
    start(std::move(*stored));
    EXPECT_EQ(sent(), "NOOP \"gone by then\"\n");
}

TEST_F(SessionTest, RefusesAnArgumentBeforeAnythingIsSent) {
    EXPECT_THROW((void)call().execute(SetVariable("A", "x\ny")), AGIUsageError);
    try {
        (void)call().execute(SetVariable("A", "x\ny"));
    } catch (const AGIUsageError& error) {
        EXPECT_EQ(
            std::string(error.what()),
            "SET VARIABLE: value holds a line feed at byte 1, which no AGI command can carry"
        );
        EXPECT_EQ(error.reply().status(), ReplyStatus::refused);
    }
    EXPECT_EQ(sent(), "");
}

TEST_F(SessionTest, TakesTheBufferSizeFromTheVersion) {
    EXPECT_NO_THROW((void)call().execute(Noop(std::string(8000, 'x'))));
    EXPECT_THROW((void)call().execute(Noop(std::string(8190, 'x'))), AGIUsageError);
    open("agi_network: yes\nagi_version: 16.28.0\n\n");
    EXPECT_THROW((void)call().execute(Noop(std::string(3000, 'x'))), AGIUsageError);
}

TEST_F(SessionTest, HasOneCommandInFlightAndKeepsTheOrder) {
    std::string order;
    auto flow = [&](char name) -> asio::awaitable<void> {
        co_await call().execute(Noop(std::string(1, name)));
        order += name;
    };
    start(flow('a'));
    start(flow('b'));
    start(flow('c'));
    EXPECT_EQ(sent(), "NOOP \"a\"\n");
    asterisk("200 result=0\n");
    EXPECT_EQ(sent(), "NOOP \"b\"\n");
    asterisk("200 result=0\n");
    EXPECT_EQ(sent(), "NOOP \"c\"\n");
    asterisk("200 result=0\n");
    EXPECT_EQ(order, "abc");
}

TEST_F(SessionTest, ResumesAtOnceSoThatCommandsFollowEachOther) {
    auto flow = [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 3; ++i)
            co_await call().execute(Noop());
    };
    const auto task = start(flow());
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(sent(), "NOOP\n");
        asterisk("200 result=0\n");
    }
    EXPECT_TRUE(task->done());
    EXPECT_EQ(session().commands(), 3U);
}

TEST_F(SessionTest, FinishesAWriteThatTheTransportTakesInParts) {
    transport().limit_writes(3);
    const auto task = start(call().execute(Noop("abc")));
    EXPECT_EQ(sent(), "NOO");
    transport().limit_writes(4);
    run();
    EXPECT_EQ(sent(), "P \"a");
    transport().limit_writes(100);
    run();
    EXPECT_EQ(sent(), "bc\"\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(task->done());
}

// --- refusals ------------------------------------------------------------------------------------

TEST_F(SessionTest, ThrowsTheExceptionsOfTheSpecification) {
    auto after = [&](std::string_view reply) {
        const auto task = start(call().execute(Noop()));
        asterisk(reply);
        EXPECT_TRUE(task->done());
        return task;
    };
    EXPECT_TRUE(after("510 Invalid or unknown command\n")->threw<AGIInvalidCommandError>());
    EXPECT_TRUE(after("200 nonsense\n")->threw<AGINoResultError>());
    EXPECT_TRUE(after("503 result=-2 Memory allocation failure\n")->threw<AGIUnknownError>());
    EXPECT_TRUE(
        after("520 Invalid command syntax.  Proper usage not available.\n")->threw<AGIUsageError>()
    );
    const auto usage = after(
        "520-Invalid command syntax.  Proper usage follows:\nDo this\n520 End of proper usage.\n"
    );
    try {
        std::rethrow_exception(usage->error());
    } catch (const AGIUsageError& error) {
        EXPECT_EQ(error.reply().usage(), "Do this");
        EXPECT_EQ(error.command(), "NOOP");
    }
}

TEST_F(SessionTest, GivesFailuresOfAnActionTheCommandAndTheReply) {
    const auto task = start([](AGI& call) -> asio::awaitable<void> {
        co_await call.execute(Exec("NoSuchThing", "x"));
    }(call()));
    asterisk("200 result=-2\n");
    try {
        std::rethrow_exception(task->error());
    } catch (const AGIAppError& error) {
        EXPECT_EQ(error.command(), "EXEC \"NoSuchThing\" \"x\"");
        EXPECT_EQ(error.reply().text(), "200 result=-2");
        EXPECT_EQ(error.items().at("result"), "-2");
    }
}

TEST_F(SessionTest, SendsRawLinesWithoutExceptions) {
    Reply reply;
    auto flow = [&](std::string line) -> asio::awaitable<void> {
        reply = co_await call().send(line);
    };
    start(flow("MY COMMAND \"x\""));
    EXPECT_EQ(sent(), "MY COMMAND \"x\"\n");
    asterisk("510 Invalid or unknown command\n");
    EXPECT_EQ(reply.code(), 510);
    EXPECT_EQ(reply.status(), ReplyStatus::received);
    start(flow("NOOP\nANSWER"));
    EXPECT_EQ(reply.status(), ReplyStatus::refused);
    EXPECT_EQ(reply.code(), 0);
    EXPECT_EQ(sent(), "");
    start(flow("get variable X"));
    asterisk("200 result=1 (a\nb)\n");
    EXPECT_EQ(reply.value(), "a\nb");
    start(flow("NOOP"));
    asterisk("HANGUP\n");
    transport().end();
    run();
    EXPECT_EQ(reply.status(), ReplyStatus::hung_up);
    start(flow("NOOP"));
    EXPECT_EQ(reply.status(), ReplyStatus::hung_up);
}

// --- hangup --------------------------------------------------------------------------------------

TEST_F(SessionTest, KnowsOfAHangupWhileNoCommandRuns) {
    auto flow = [&]() -> asio::awaitable<void> { co_await call().wait_for_hangup(); };
    const auto first = start(flow());
    const auto second = start(flow());
    EXPECT_FALSE(call().hung_up());
    asterisk("HANGUP\n");
    EXPECT_TRUE(call().hung_up());
    EXPECT_TRUE(first->done() && second->done());
    EXPECT_FALSE(first->error());
    const auto late = start(flow());
    EXPECT_TRUE(late->done());
    const auto command = start(call().execute(Noop()));
    EXPECT_TRUE(command->threw<AGIResultHangup>());
    EXPECT_EQ(sent(), "");
}

TEST_F(SessionTest, TakesEofForAHangupOfTheConnection) {
    const auto waiting = start(call().wait_for_hangup());
    const auto command = start(call().execute(Noop()));
    const auto queued = start(call().execute(Noop()));
    transport().end();
    run();
    EXPECT_TRUE(waiting->done());
    EXPECT_TRUE(command->threw<AGISIGPIPEHangup>()) << command->what();
    EXPECT_TRUE(queued->threw<AGISIGPIPEHangup>());
    EXPECT_TRUE(call().hung_up());
    EXPECT_TRUE(start(call().execute(Noop()))->threw<AGISIGPIPEHangup>());
}

TEST_F(SessionTest, TakesAWriteErrorForTheSame) {
    transport().break_writes(asio::error::broken_pipe);
    const auto task = start(call().execute(Noop()));
    EXPECT_TRUE(task->threw<AGISIGPIPEHangup>());
    EXPECT_TRUE(call().hung_up());
}

TEST_F(SessionTest, GivesTheReplyThatCameWithTheHangup) {
    // hangup-own: the reply, then HANGUP
    const auto task = start(call().execute(Hangup()));
    asterisk("200 result=1\nHANGUP\n");
    EXPECT_TRUE(task->done());
    EXPECT_FALSE(task->error());
    EXPECT_TRUE(call().hung_up());
}

TEST_F(SessionTest, StaysInStepWhenTheHangupComesBeforeTheReply) {
    // hangup-race
    const auto task = start(call().execute(Answer()));
    asterisk("HANGUP\n");
    EXPECT_FALSE(task->done());
    asterisk("511 Command Not Permitted on a dead channel or intercept routine\n");
    EXPECT_TRUE(task->threw<AGIResultHangup>()) << task->what();
}

TEST_F(SessionTest, TellsAHangupFromAMissingFileByTheLineBehind) {
    // stream-file-hangup: result=-1, then HANGUP; in one chunk no question is needed
    auto flow = [&]() -> asio::awaitable<void> { co_await call().execute(StreamFile("x")); };
    const auto task = start(flow());
    sent();
    asterisk("200 result=-1 endpos=2560\nHANGUP\n");
    EXPECT_TRUE(task->threw<AGIResultHangup>());
    EXPECT_EQ(sent(), "");
}

TEST_F(SessionTest, AsksTheChannelWhatAMinusOneMeans) {
    auto flow = [&]() -> asio::awaitable<void> { co_await call().execute(StreamFile("x")); };
    const auto missing = start(flow());
    sent();
    asterisk("200 result=-1 endpos=0\n");
    EXPECT_EQ(sent(), "CHANNEL STATUS\n");
    EXPECT_FALSE(missing->done());
    asterisk("200 result=6\n");
    EXPECT_TRUE(missing->threw<AGIAppError>());
    EXPECT_FALSE(call().hung_up());

    const auto gone = start(flow());  // AGISIGHUP=no: no HANGUP line ever
    asterisk("200 result=-1 endpos=2560\n");
    asterisk("511 Command Not Permitted on a dead channel or intercept routine\n");
    EXPECT_TRUE(gone->threw<AGIResultHangup>());
    EXPECT_TRUE(call().hung_up());
}

TEST_F(SessionTest, ServesADeadChannelFromTheHExtension) {
    open("agi_network: yes\nagi_extension: h\nagi_version: 22.10.1\n\n");
    auto flow = [&]() -> asio::awaitable<void> { co_await call().execute(SetVariable("A", "b")); };
    const auto allowed = start(flow());
    EXPECT_EQ(sent(), "GET FULL VARIABLE ${CHANNEL(checkhangup)}${AGISIGHUP}\n");
    asterisk("200 result=1 (1)\n");
    EXPECT_TRUE(call().hung_up());
    EXPECT_EQ(sent(), "SET VARIABLE \"A\" \"b\"\n");
    asterisk("200 result=1\n");
    EXPECT_TRUE(allowed->done());
    EXPECT_FALSE(allowed->error());
    const auto refused = start(call().execute(Answer()));
    EXPECT_TRUE(refused->threw<AGIDeadChannelError>());
    EXPECT_EQ(sent(), "");
}

TEST_F(SessionTest, EndsWhatIsPendingWhenItIsClosed) {
    const auto command = start(call().execute(Noop()));
    const auto waiting = start(call().wait_for_hangup());
    session().close();
    run();
    EXPECT_TRUE(command->threw<AGISIGPIPEHangup>());
    EXPECT_TRUE(waiting->done());
    EXPECT_TRUE(transport().closed());
}

// --- a peer that does not speak AGI --------------------------------------------------------------

TEST_F(SessionTest, EndsOnALineThatIsNoReply) {
    const auto task = start(call().execute(Noop()));
    asterisk("hello\n");
    EXPECT_TRUE(task->threw<AGIUnknownError>()) << task->what();
    EXPECT_EQ(why_, "a line that is no reply: \"hello\"");
    EXPECT_TRUE(transport().closed());
    EXPECT_TRUE(start(call().execute(Noop()))->threw<AGISIGPIPEHangup>());
}

TEST_F(SessionTest, EndsOnAReplyThatIsTooLong) {
    const auto task = start(call().execute(Noop()));
    asterisk("200 result=1 (" + std::string(70000, 'x'));
    EXPECT_TRUE(task->threw<AGISIGPIPEHangup>());
    EXPECT_EQ(why_, "a reply over 65536 bytes");
}

TEST_F(SessionTest, SurvivesTheTailOfAValueThatTheWireCannotFrame) {
    // A value "one)\n200 result=0\ntwo": its first line looks like a whole reply.
    std::optional<std::string> value;
    auto flow = [&]() -> asio::awaitable<void> {
        value = co_await call().execute(GetVariable("V"));
        co_await call().execute(Noop());
    };
    const auto task = start(flow());
    asterisk("200 result=1 (one)\n200 result=0\ntwo)\n");
    EXPECT_EQ(value, "one");
    EXPECT_FALSE(task->done());
    asterisk("three)\n200 result=0\n");
    EXPECT_TRUE(task->done());
    EXPECT_EQ(why_, "");
}

TEST_F(SessionTest, BoundsTheLinesThatAnswerNothing) {
    for (int i = 0; i < 100; ++i)
        asterisk("noise\n");
    EXPECT_EQ(why_, "");
    asterisk("noise\n");
    EXPECT_NE(why_, "");
    EXPECT_TRUE(transport().closed());
}

TEST_F(SessionTest, KnowsAnEnvironmentThatAnEmptyLineInAValueHasCutOff) {
    const auto environment = plain_environment();
    const auto number = environment.find("agi_callerid");
    ASSERT_NE(number, std::string::npos);
    const auto tail = environment.substr(environment.find('\n', number) + 1);
    open(environment.substr(0, number) + "agi_callerid: 1\n\n");
    ASSERT_TRUE(opened_);
    const auto task = start(call().execute(Answer()));
    asterisk("200 result=0\n" + tail);  // a reply of the caller's own, and the genuine lines
    EXPECT_TRUE(task->threw<AGISIGPIPEHangup>());
    EXPECT_EQ(fault_, Fault::environment_forged);
    EXPECT_TRUE(why_.starts_with("a line of the environment after its empty line"));
}

TEST_F(SessionTest, RefusesAnEnvironmentThatIsAmbiguous) {
    auto environment = plain_environment();
    environment.insert(environment.find("agi_extension"), "agi_extension: h\n");
    open(environment);
    EXPECT_NE(why_, "");
    EXPECT_EQ(fault_, Fault::environment_forged);
}

TEST_F(SessionTest, RefusesAReplyThatComesBeforeItsCommand) {
    asterisk("200 result=0\n");
    EXPECT_EQ(why_, "a reply that came before its command: \"200 result=0\"");
    EXPECT_EQ(fault_, Fault::not_a_reply);
}

TEST_F(SessionTest, TakesRepliesWithCarriageReturnsBehindSuchAnEnvironment) {
    open("agi_network: yes\r\nagi_extension: 100\r\n\r\n");
    std::optional<std::string> value;
    auto flow = [&]() -> asio::awaitable<void> {
        value = co_await call().execute(GetVariable("V"));
    };
    const auto task = start(flow());
    asterisk("200 result=1 (one\r\ntwo)\r\n");
    EXPECT_EQ(value, "one\ntwo");
    asterisk("HANGUP\r\n");
    EXPECT_TRUE(call().hung_up());
}

// --- cancellation --------------------------------------------------------------------------------

TEST_F(SessionTest, RemovesACancelledCommandThatWaitsForItsTurn) {
    const auto first = start(call().execute(Noop("1")));
    const auto second = start(call().execute(Noop("2")));
    const auto third = start(call().execute(Noop("3")));
    sent();
    second->cancel.emit(asio::cancellation_type::terminal);
    run();
    EXPECT_TRUE(aborted(*second));
    asterisk("200 result=0\n");
    EXPECT_EQ(sent(), "NOOP \"3\"\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(first->done() && third->done());
}

TEST_F(SessionTest, DropsTheReplyThatACancelledCommandIsOwed) {
    auto dial = [&]() -> asio::awaitable<void> { co_await call().execute(Exec("Dial", "x")); };
    const auto task = start(dial());
    sent();
    task->cancel.emit(asio::cancellation_type::terminal);
    run();
    EXPECT_TRUE(aborted(*task));
    std::optional<std::string> value;
    auto next = [&]() -> asio::awaitable<void> {
        value = co_await call().execute(GetVariable("V"));
    };
    start(next());
    EXPECT_EQ(sent(), "");  // one command in flight, still
    asterisk("200 result=-1\n");
    EXPECT_EQ(sent(), "GET VARIABLE \"V\"\n");
    asterisk("200 result=1 (right)\n");
    EXPECT_EQ(value, "right");
}

TEST_F(SessionTest, LeavesACommandThatCannotBeStoppedAloneInTotalCancellation) {
    auto dial = [&]() -> asio::awaitable<void> {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        co_await asio::this_coro::throw_if_cancelled(false);
        co_await call().execute(Exec("Dial", "x"));
    };
    const auto task = start(dial());
    task->cancel.emit(asio::cancellation_type::total);
    run();
    EXPECT_FALSE(task->done());
    EXPECT_EQ(sent(), "EXEC \"Dial\" \"x\"\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(task->done());
    EXPECT_EQ(task->what(), "");
}

TEST_F(SessionTest, StopsACancelledPromptWithAFence) {
    auto prompt = [&]() -> asio::awaitable<void> { co_await call().execute(StreamFile("hold")); };
    const auto task = start(prompt());
    sent();
    task->cancel.emit(asio::cancellation_type::terminal);
    run();
    EXPECT_TRUE(aborted(*task));
    EXPECT_EQ(sent(), "GET FULL VARIABLE \"costrix-fence-1\"\n");
    const auto next = start(call().execute(Noop()));
    EXPECT_EQ(sent(), "");
    asterisk("200 result=1 (costrix-fence-1)\n");
    EXPECT_EQ(sent(), "NOOP\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(next->done());
}

TEST_F(SessionTest, StaysInStepWhenTheCancelledPromptHadEndedByItself) {
    auto prompt = [&]() -> asio::awaitable<void> { co_await call().execute(StreamFile("beep")); };
    const auto task = start(prompt());
    task->cancel.emit(asio::cancellation_type::terminal);
    run();
    sent();
    asterisk("200 result=0 endpos=3520\n");
    const auto next = start(call().execute(Noop()));
    EXPECT_EQ(sent(), "");
    asterisk("200 result=1 (costrix-fence-1)\n");
    EXPECT_EQ(sent(), "NOOP\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(next->done());
}

TEST_F(SessionTest, WaitsForTheFenceWithPartialCancellation) {
    StreamFile::Result result;
    auto prompt = [&]() -> asio::awaitable<void> {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_partial_cancellation());
        co_await asio::this_coro::throw_if_cancelled(false);
        result = co_await call().execute(StreamFile("hold").escape_digits("5"));
    };
    const auto by_itself = start(prompt());
    by_itself->cancel.emit(asio::cancellation_type::partial);
    run();
    EXPECT_FALSE(by_itself->done());
    asterisk("200 result=53 endpos=80\n");
    EXPECT_FALSE(by_itself->done());
    asterisk("200 result=1 (costrix-fence-1)\n");
    ASSERT_TRUE(by_itself->done());
    EXPECT_EQ(result.key, '5');

    const auto stopped = start(prompt());
    stopped->cancel.emit(asio::cancellation_type::partial);
    run();
    asterisk("200 result=1 (costrix-fence-2)\n");
    EXPECT_TRUE(aborted(*stopped));
}

TEST_F(SessionTest, CancelsAWaitForTheHangup) {
    const auto task = start(call().wait_for_hangup());
    task->cancel.emit(asio::cancellation_type::terminal);
    run();
    EXPECT_TRUE(aborted(*task));
    asterisk("HANGUP\n");
    EXPECT_TRUE(call().hung_up());
}

TEST_F(SessionTest, WorksWithAsiosOperators) {
    using namespace asio::experimental::awaitable_operators;
    std::size_t winner = 99;
    auto flow = [&]() -> asio::awaitable<void> {
        asio::steady_timer never(call().get_executor(), std::chrono::hours(1));
        const auto which =
            co_await (never.async_wait(asio::use_awaitable) || call().wait_for_hangup());
        winner = which.index();
    };
    const auto task = start(flow());
    asterisk("HANGUP\n");
    EXPECT_TRUE(task->done());
    EXPECT_EQ(winner, 1U);
}

// --- the end of the handler ----------------------------------------------------------------------

TEST_F(SessionTest, SaysOfACallThatIsUsedAfterItsHandlerThatThisHasReturned) {
    auto flow = [this]() -> asio::awaitable<void> { co_await call().execute(WaitForDigit()); };
    const auto pending = start(flow());
    session().close(detail::End::returned);
    const auto late = start(flow());
    run();
    for (const auto& task : {pending, late}) {
        EXPECT_TRUE(task->threw<AGISIGPIPEHangup>());
        EXPECT_EQ(task->what(), "the call's handler has returned: WAIT FOR DIGIT -1");
    }
}

// --- the end of everything -----------------------------------------------------------------------

TEST(Session, IsLetGoOfWhenItsContextIsDestroyed) {
    // A coroutine waits for a reply that never comes; AddressSanitizer sees what is not freed.
    static const detail::SessionLimits limits;
    struct Parts final : detail::SessionOwner, std::enable_shared_from_this<Parts> {
        explicit Parts(asio::io_context& context)
            : transport(context), session(transport, *this, limits), call(session) {}
        std::shared_ptr<void> keep_alive() noexcept override { return weak_from_this().lock(); }
        void on_environment() override {}
        void on_line(bool, std::string_view) override {}
        void on_fault(Fault, std::string_view) override {}
        void on_overtime() override {}
        void on_stray_exception(std::exception_ptr) noexcept override {}
        test::ScriptedTransport transport;
        detail::Session session;
        AGI call;
    };
    struct Watch {
        explicit Watch(bool& flag) : gone(flag) {}
        ~Watch() { gone = true; }
        bool& gone;
    };
    auto flow = [](std::shared_ptr<Parts> parts, bool sleeps, bool& gone) -> asio::awaitable<void> {
        const Watch watch(gone);
        if (sleeps)
            co_await parts->call.sleep_for(std::chrono::hours(1));
        co_await parts->call.execute(Noop());
    };
    for (const bool sleeps : {false, true}) {
        bool gone = false;
        {
            asio::io_context context;
            auto parts = std::make_shared<Parts>(context);
            parts->session.start();
            parts->transport.receive(test::plain_environment());
            asio::co_spawn(context, flow(parts, sleeps, gone), [](std::exception_ptr) {});
            parts.reset();
            context.poll();
            EXPECT_FALSE(gone);
        }
        EXPECT_TRUE(gone);
    }
}

}  // namespace
}  // namespace costrix::agi
