// SPDX-License-Identifier: MIT
// What an observer learns of a call, in which order, and that it cannot disturb it.
#include "server/stream_call.hpp"
#include "session/timer_wheel.hpp"
#include "support/log_capture.hpp"
#include "support/scripted_transport.hpp"
#include "support/session_fixture.hpp"

#include <costrix/agi/actions/channel.hpp>
#include <costrix/agi/actions/diagnostics.hpp>
#include <costrix/agi/actions/playback.hpp>
#include <costrix/agi/concurrency.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/observer.hpp>
#include <costrix/agi/protocol/trace_parent.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using Events = std::vector<std::string>;

std::string in_ms(std::chrono::nanoseconds time) {
    return std::to_string(time / 1ms) + " ms";
}

/// Writes down what it is told.
class Notes final : public Observer {
public:
    class Call final : public CallObserver {
    public:
        explicit Call(Notes& notes) : notes_(notes) {}
        ~Call() override { notes_.add("gone"); }

        void on_command(const SentCommand& sent) override {
            notes_.add(
                std::string(sent.name) + " after " + in_ms(sent.turn_around) + ": " +
                std::string(sent.line)
            );
        }
        void on_finished(const FinishedCommand& finished) override {
            notes_.add(
                std::string(finished.name) + ' ' + std::string(to_string(finished.how)) + " in " +
                in_ms(finished.took) + ": " + std::to_string(finished.reply.code())
            );
        }
        void on_interruption(bool late) override { notes_.add(late ? "late" : "cancelled"); }
        void on_hangup(bool before) override { notes_.add(before ? "dead" : "hangup"); }
        void on_disconnect() override { notes_.add("disconnected"); }
        void on_error(const CallError& wrong) override {
            notes_.add(std::string(to_string(wrong.kind)) + ": " + std::string(wrong.what));
            notes_.error = wrong.error;
        }
        void on_end(const EndedCall& end) override {
            notes_.add(
                "end: " + std::string(to_string(end.how)) + ", " + std::to_string(end.commands) +
                " in " + in_ms(end.took)
            );
        }
        bool wants_lines() const noexcept override { return notes_.lines; }
        void on_line(bool sent, std::string_view line) override {
            notes_.add((sent ? "> " : "< ") + std::string(line));
        }

    private:
        Notes& notes_;
    };

    std::unique_ptr<CallObserver> on_call(const ObservedCall& call) override {
        add("call " + std::string(call.environment.unique_id()) + ' ' + call.request.path + " by " +
            std::string(call.route));
        return ignores ? nullptr : std::make_unique<Call>(*this);
    }
    void on_refusal(const Refusal& refusal) override {
        add("refused, " + std::string(to_string(refusal.reason)) + ": " +
            std::string(refusal.what) + (refusal.environment ? ", known" : ""));
    }

    void add(std::string event) {
        events.push_back(std::move(event));
        if (throws)
            throw std::logic_error("no room\n");
    }
    Events take() { return std::exchange(events, Events()); }

    Events events;
    std::exception_ptr error;
    bool lines = false, ignores = false, throws = false;
};

class ObserverTest : public ::testing::Test {
protected:
    struct Waiter final : detail::CallWaiter {
        explicit Waiter(CallResult& end) : result(end) {}
        void complete(CallResult end) override { result = std::move(end); }
        CallResult& result;
    };

    ObserverTest() { wheel().set_time(now_); }

    /// Begins a call to this handler.
    void begin(ScriptHandler handler, const std::string& environment = test::plain_environment()) {
        if (handler)
            router_.register_script_handler("t[a-z]+t", std::move(handler));
        options_.observer = options_.observer ? options_.observer : notes_;
        options_.logger = log_.logger();
        calls_.emplace(options_);
        auto transport = std::make_unique<test::ScriptedTransport>(context_);
        transport_ = transport.get();
        call_ = detail::start_stream_call(
            std::move(transport), {}, router_, *calls_, std::make_unique<Waiter>(result_)
        );
        asterisk(environment);
    }
    void asterisk(std::string_view bytes) {
        run();
        ASSERT_FALSE(call_.expired()) << "the transport went with its call";
        transport_->receive(bytes);
        run();
    }
    void pass(std::chrono::milliseconds time) {
        wheel().set_time(now_ += time);
        wheel().turn_by_hand();
        run();
    }
    void run() {
        context_.restart();
        context_.poll();
    }
    detail::TimerWheel& wheel() { return asio::use_service<detail::TimerWheel>(context_); }

    static asio::awaitable<void> answer(AGI& call, const Request&) {
        co_await call.execute(Answer());
    }

    asio::io_context context_;
    detail::TimerWheel::Clock::time_point now_{1h};
    test::LogCapture log_;
    Router router_;
    std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
    FastAGIServerOptions options_{.channel_check_interval = std::nullopt};
    std::optional<CallOptions> calls_;
    test::ScriptedTransport* transport_ = nullptr;
    std::weak_ptr<detail::StreamCall> call_;
    CallResult result_;
};

TEST_F(ObserverTest, LearnsWhatACallDoesAndHowLongItTakes) {
    begin([](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.sleep_for(20ms);
        co_await call.execute(Answer());
        co_await call.execute(Verbose("x"));
        co_await call.send("CONJURE \"rabbit\"");
    });
    EXPECT_EQ(notes_->take(), Events({"call 1.1 test by t[a-z]+t"}));
    pass(30ms);
    EXPECT_EQ(notes_->take(), Events({"ANSWER after 30 ms: ANSWER"}));
    pass(500ms);
    asterisk("200 result=0\n");
    EXPECT_EQ(
        notes_->take(),
        Events({"ANSWER replied in 500 ms: 200", "VERBOSE after 0 ms: VERBOSE \"x\" 1"})
    );
    asterisk("200 result=1\n");
    pass(10ms);
    asterisk("510 Invalid or unknown command\n");
    EXPECT_EQ(
        notes_->take(),
        Events(
            {"VERBOSE replied in 0 ms: 200",
             "other after 0 ms: CONJURE \"rabbit\"",
             "other replied in 10 ms: 510",
             "end: returned, 3 in 540 ms",
             "gone"}
        )
    );
    EXPECT_EQ(result_.how, CallOutcome::returned);
}

TEST_F(ObserverTest, LearnsOfTheHangup) {
    begin(answer);
    notes_->take();
    asterisk("HANGUP\n");
    EXPECT_EQ(notes_->take(), Events({"hangup"}));
    asterisk("200 result=-1\n");
    EXPECT_EQ(
        notes_->take(), Events({"ANSWER replied in 0 ms: 200", "end: hung_up, 1 in 0 ms", "gone"})
    );
}

TEST_F(ObserverTest, LearnsOfAHangupBeforeTheCall) {
    notes_->lines = true;
    begin(answer, test::plain_environment() + "HANGUP\n");
    EXPECT_EQ(
        notes_->take(),
        Events(
            {"call 1.1 test by t[a-z]+t", "< HANGUP", "hangup", "end: hung_up, 0 in 0 ms", "gone"}
        )
    );
}

TEST_F(ObserverTest, LearnsThatTheConnectionIsLostWithACommand) {
    begin(answer);
    notes_->take();
    transport_->end();
    run();
    EXPECT_EQ(
        notes_->take(),
        Events(
            {"ANSWER lost in 0 ms: 0", "hangup", "disconnected", "end: hung_up, 0 in 0 ms", "gone"}
        )
    );
}

TEST_F(ObserverTest, LearnsWhatTheHandlerThrows) {
    begin([](AGI&, const Request&) -> asio::awaitable<void> {
        throw std::runtime_error("no\ndatabase");
        co_return;
    });
    EXPECT_EQ(
        notes_->take(),
        Events(
            {"call 1.1 test by t[a-z]+t",
             "handler: no\\x0adatabase",
             "end: failed, 0 in 0 ms",
             "gone"}
        )
    );
    EXPECT_THROW(std::rethrow_exception(notes_->error), std::runtime_error);
}

TEST_F(ObserverTest, LearnsOfAPeerThatDoesNotSpeakAgi) {
    begin(answer);
    notes_->take();
    asterisk("nonsense\n");
    const auto events = notes_->take();
    ASSERT_EQ(events.size(), 6U);
    EXPECT_EQ(events[0], "ANSWER lost in 0 ms: 0");
    EXPECT_EQ(events[1], "hangup");
    EXPECT_EQ(events[2], "peer: a line that is no reply: \"nonsense\"");
    EXPECT_TRUE(events[3].starts_with("handler: ")) << events[3];
    EXPECT_EQ(events[4], "end: failed, 0 in 0 ms");
}

TEST_F(ObserverTest, LearnsOfATimeLimit) {
    options_.session_timeout = 1s;
    begin(answer);
    notes_->take();
    pass(1100ms);
    const auto events = notes_->take();
    ASSERT_EQ(events.size(), 6U);
    EXPECT_EQ(events[0], "ANSWER lost in 1100 ms: 0");
    EXPECT_EQ(events[2], "time_limit: the session took too long");
    EXPECT_EQ(events[4], "end: timed_out, 0 in 1100 ms");
}

TEST_F(ObserverTest, LearnsThatACallWasCancelled) {
    begin(answer);
    notes_->take();
    call_.lock()->cancel();
    run();
    EXPECT_EQ(notes_->take(), Events({"cancelled", "end: cancelled, 0 in 0 ms", "gone"}));
}

TEST_F(ObserverTest, LearnsThatAPromptIsStopped) {
    begin([](AGI& call, const Request&) -> asio::awaitable<void> {
        (void)co_await call.try_execute(StreamFile("tt-monkeys"), 2s);
        co_await call.execute(Answer());
    });
    notes_->take();
    pass(2s);
    EXPECT_EQ(notes_->take(), Events({"late"}));
    asterisk("200 result=1 (costrix-fence-1)\n");
    EXPECT_EQ(
        notes_->take(), Events({"STREAM FILE stopped in 2000 ms: 0", "ANSWER after 0 ms: ANSWER"})
    );
}

TEST_F(ObserverTest, LearnsOfACommandThatNobodyAwaitsWhenItIsAnswered) {
    begin([](AGI& call, const Request&) -> asio::awaitable<void> {
        (void)co_await call.try_execute(Answer(), 1s);
        co_await call.execute(Noop());
    });
    notes_->take();
    pass(1s);
    EXPECT_EQ(notes_->take(), Events({"late"}));
    pass(3s);
    asterisk("200 result=0\n");
    EXPECT_EQ(notes_->take(), Events({"ANSWER replied in 4000 ms: 200", "NOOP after 0 ms: NOOP"}));
}

TEST_F(ObserverTest, DoesNotTakeTheSessionsOwnCommandsForTheHandlers) {
    options_.channel_check_interval = 10s;
    begin([](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.sleep_for(60s);
        co_await call.execute(Noop());
    });
    notes_->take();
    pass(30s);
    EXPECT_TRUE(transport_->take_sent().starts_with("GET FULL VARIABLE ${CHANNEL(checkhangup)}"));
    asterisk("200 result=1 (0)\n");
    EXPECT_EQ(notes_->take(), Events());
    pass(30s);
    EXPECT_EQ(notes_->take(), Events({"NOOP after 60000 ms: NOOP"}));
}

TEST_F(ObserverTest, LearnsOfACommandThatProvesTheHangupWhenThatIsProved) {
    begin(answer);
    notes_->take();
    pass(1s);
    asterisk("200 result=-1\n");  // a failure, or a hangup: the session asks
    EXPECT_EQ(notes_->take(), Events());
    asterisk("511 Command Not Permitted on a dead channel or intercept routine\n");
    const auto events = notes_->take();
    ASSERT_EQ(events.size(), 4U);
    EXPECT_EQ(events[0], "hangup");
    EXPECT_EQ(events[1], "ANSWER replied in 1000 ms: 200");
    EXPECT_EQ(events[2], "end: hung_up, 1 in 1000 ms");
}

TEST_F(ObserverTest, LearnsWhyACallIsRefused) {
    begin(nullptr);
    EXPECT_EQ(notes_->take(), Events({"refused, no_route: no handler, known"}));
    EXPECT_EQ(result_.how, CallOutcome::no_route);
    options_.admission = [](const AdmissionRequest&) { return false; };
    begin(answer);
    EXPECT_EQ(notes_->take(), Events({"refused, admission: not admitted, known"}));
    options_.max_path = 3;
    begin(nullptr);
    EXPECT_EQ(notes_->take(), Events({"refused, path: a path of 4 bytes, known"}));
}

TEST_F(ObserverTest, LearnsWhatWasNoCallAtAll) {
    begin(nullptr, "GET / HTTP/1.1\n");
    EXPECT_EQ(
        notes_->take(),
        Events({"refused, environment: the environment does not begin with an agi_ line"})
    );
    begin(nullptr, "");
    transport_->end();
    run();
    EXPECT_EQ(notes_->take(), Events({"refused, health_probe: the environment never came"}));
}

TEST_F(ObserverTest, LearnsThatACoroutineDoesNotAdmitACall) {
    options_.admission = [](const AdmissionRequest&) -> asio::awaitable<bool> { co_return false; };
    begin(answer);
    EXPECT_EQ(
        notes_->take(),
        Events(
            {"call 1.1 test by t[a-z]+t",
             "end: refused, 0 in 0 ms",
             "gone",
             "refused, admission: not admitted, known"}
        )
    );
}

TEST_F(ObserverTest, LearnsOfStrayExceptionsWhileTheCallGoesOn) {
    begin([](AGI& call, const Request&) -> asio::awaitable<void> {
        call.async_execute(Noop(), [](error_code) { throw std::runtime_error("astray"); });
        co_await call.execute(Answer());
    });
    notes_->take();
    asterisk("200 result=0\n");
    EXPECT_EQ(
        notes_->take(),
        Events({"NOOP replied in 0 ms: 200", "ANSWER after 0 ms: ANSWER", "stray_exception: astray"}
        )
    );
}

TEST_F(ObserverTest, GetsLinesIfItWantsThem) {
    notes_->lines = true;
    begin(answer);
    asterisk("200 result=0\n");
    EXPECT_EQ(
        notes_->take(),
        Events(
            {"call 1.1 test by t[a-z]+t",
             "ANSWER after 0 ms: ANSWER",
             "> ANSWER",
             "< 200 result=0",
             "ANSWER replied in 0 ms: 200",
             "end: returned, 1 in 0 ms",
             "gone"}
        )
    );
}

TEST_F(ObserverTest, MayLeaveACallAlone) {
    notes_->ignores = true;
    begin(answer);
    asterisk("200 result=0\n");
    EXPECT_EQ(notes_->take(), Events({"call 1.1 test by t[a-z]+t"}));
    EXPECT_EQ(result_.how, CallOutcome::returned);
}

TEST_F(ObserverTest, IsReleasedWithoutAnEndWhenItsContextGoes) {
    auto context = std::make_unique<asio::io_context>();
    auto transport = std::make_unique<test::ScriptedTransport>(*context);
    auto& kept = *transport;
    router_.register_script_handler("t", answer);
    calls_.emplace(FastAGIServerOptions{.observer = notes_});
    detail::start_stream_call(
        std::move(transport), {}, router_, *calls_, std::make_unique<Waiter>(result_)
    );
    context->poll();
    kept.receive(test::plain_environment());
    context->poll();
    notes_->take();
    context.reset();
    EXPECT_EQ(notes_->take(), Events({"gone"}));
}

TEST_F(ObserverTest, CannotDisturbACallByThrowing) {
    class Thrower final : public Observer {
        class Call final : public CallObserver {
            void on_command(const SentCommand&) override { throw std::runtime_error("a\n"); }
            void on_finished(const FinishedCommand&) override { throw 1; }
            void on_end(const EndedCall&) override { throw std::bad_alloc(); }
        };
        std::unique_ptr<CallObserver> on_call(const ObservedCall&) override {
            return std::make_unique<Call>();
        }
        void on_refusal(const Refusal&) override { throw std::runtime_error("b"); }
    };
    options_.observer = observe_all({std::make_shared<Thrower>(), nullptr, notes_});
    begin(answer);
    asterisk("200 result=0\n");
    EXPECT_EQ(result_.how, CallOutcome::returned);
    EXPECT_EQ(calls_->counters().observer_errors, 3U);
    EXPECT_TRUE(log_.has("error: the observer threw: a\\x0a")) << log_.text();
    EXPECT_EQ(
        notes_->take(),
        Events(
            {"call 1.1 test by t[a-z]+t",
             "ANSWER after 0 ms: ANSWER",
             "ANSWER replied in 0 ms: 200",
             "end: returned, 1 in 0 ms",
             "gone"}
        )
    ) << "one that throws must not keep events from the others";
    begin(nullptr, "GET /");
    transport_->end();
    run();
    EXPECT_EQ(calls_->counters().observer_errors, 1U);
    EXPECT_EQ(notes_->events.size(), 1U);
}

TEST_F(ObserverTest, ThatThrowsForACallDoesNotObserveIt) {
    notes_->throws = true;
    begin(answer);
    asterisk("200 result=0\n");
    EXPECT_EQ(notes_->events, Events({"call 1.1 test by t[a-z]+t"}));
    EXPECT_EQ(result_.how, CallOutcome::returned);
    EXPECT_EQ(calls_->counters().observer_errors, 1U);
}

TEST(ObserveAll, MakesNothingOfNothingAndKeepsOne) {
    const auto one = std::make_shared<Notes>();
    EXPECT_EQ(observe_all({}), nullptr);
    EXPECT_EQ(observe_all({nullptr}), nullptr);
    EXPECT_EQ(observe_all({nullptr, one}), one);
}

/// So that no command searches for its name when it is sent.
static_assert(detail::kTraits<Answer>.number == 1);
static_assert(command_name(detail::kTraits<StreamFile>) == "STREAM FILE");

TEST(TraceParent, IsParsedByTheRulesOfTheW3C) {
    const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const auto parsed = parse_trace_parent(good);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(parsed->parent_id, "00f067aa0ba902b7");
    EXPECT_TRUE(parsed->sampled);
    EXPECT_FALSE(parse_trace_parent(good.substr(0, 53) + "02")->sampled);
    EXPECT_TRUE(parse_trace_parent("01" + good.substr(2) + "-more"));
    for (const std::string& bad :
         {std::string(),
          good.substr(1),
          good + "0",
          good + "-more",
          "ff" + good.substr(2),
          "01" + good.substr(2) + "more",
          "00-" + std::string(32, '0') + good.substr(35),
          good.substr(0, 36) + std::string(16, '0') + "-01",
          good.substr(0, 53) + "0x",
          good.substr(0, 3) + 'B' + good.substr(4)})
        EXPECT_FALSE(parse_trace_parent(bad)) << bad;
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto changed = good;
        changed[i] = '~';
        EXPECT_FALSE(parse_trace_parent(changed)) << changed;
    }
}

}  // namespace
}  // namespace costrix::agi
