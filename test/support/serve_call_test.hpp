// SPDX-License-Identifier: MIT
// serve_call() over a stream of any kind: what each kind's program instantiates.
#pragma once

#include "support/cancel_after.hpp"
#include "support/fences.hpp"
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/stream_pair.hpp"

#include <costrix/agi.hpp>
#include <costrix/agi/serve_call.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace costrix::agi {

using How = CallOutcome;

/// GCC 12 fails on such an initialization in a template.
inline FastAGIServerOptions options_with(const test::LogCapture& log) {
    return {.logger = log.logger()};
}

/// `Kind` has a Stream, and connects pairs of it: `static Stream connect(asio::io_context& ours,
/// asio::io_context& theirs, std::unique_ptr<test::StreamPeer>& peer)`.
template <class Kind>
class ServeCall : public ::testing::Test {
protected:
    ServeCall() { router_.register_script_handler("x$", test::answer); }
    ~ServeCall() override {
        peer_.reset();
        work_.reset();
        if (thread_.joinable())
            thread_.join();
    }

    FastAGIServerOptions options() const { return options_with(log_); }
    /// Serves a call in the context's thread; the test is Asterisk.
    template <class Token>
    auto serve(CallOptions options, Token token) {
        auto stream = Kind::connect(context_, theirs_, peer_);
        if (!thread_.joinable())
            thread_ = std::thread([this] { context_.run(); });
        options_ = options;
        return serve_call(std::move(stream), router_, std::move(options), std::move(token));
    }
    std::future<CallResult> serve(const FastAGIServerOptions& options) {
        return serve(CallOptions(options), asio::use_future);
    }
    /// How a call to `path` ends that sends nothing more.
    CallResult refused(const FastAGIServerOptions& options, std::string_view path) {
        auto result = serve(options);
        peer_->call(path);
        EXPECT_EQ(peer_->line(), "<eof>");
        return result.get();
    }

    test::LogCapture log_{spdlog::level::debug};
    asio::io_context context_{1}, theirs_{1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{
        context_.get_executor()};
    Router router_;
    std::optional<CallOptions> options_;
    std::unique_ptr<test::StreamPeer> peer_;
    std::thread thread_;
};

TYPED_TEST_SUITE_P(ServeCall);

TYPED_TEST_P(ServeCall, RunsTheHandlerAndTellsHowItEnded) {
    auto ended = this->serve(this->options());
    this->peer_->call("x");
    EXPECT_EQ(this->peer_->line(), "ANSWER");
    EXPECT_EQ(this->options_->counters().sessions, 1U);
    this->peer_->send("200 result=0\n");
    EXPECT_EQ(this->peer_->line(), "<eof>");
    const auto result = ended.get();
    EXPECT_EQ(result.how, How::returned);
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.commands, 1U);
    EXPECT_EQ(result.reason, "");
    EXPECT_EQ(result.error, nullptr);
    EXPECT_EQ(this->log_.count("info: 17.1 Local/1 x: returned, "), 1U) << this->log_.text();
    const auto counted = this->options_->counters();
    EXPECT_EQ(counted.finished, 1U);
    EXPECT_EQ(counted.accepted, 1U);
    EXPECT_EQ(counted.sessions, 0U);
}

TYPED_TEST_P(ServeCall, TellsTheHandlerOfItsPeer) {
    std::optional<Request> seen;
    this->router_.register_script_handler(
        "peer",
        [&seen](AGI&, const Request& request) -> asio::awaitable<void> {
            seen = request;
            co_return;
        }
    );
    EXPECT_EQ(this->refused(this->options(), "peer").how, How::returned);
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->peer.has_value(), TypeParam::kHasAddress);
    if (seen->peer) {
        EXPECT_EQ(seen->peer->address().to_string(), "127.0.0.1");
    }
}

TYPED_TEST_P(ServeCall, EndsWithTheHangup) {
    auto ended = this->serve(this->options());
    this->peer_->call("x");
    EXPECT_EQ(this->peer_->line(), "ANSWER");
    this->peer_->send("HANGUP\n511 Command Not Permitted on a dead channel or intercept routine\n");
    EXPECT_EQ(ended.get().how, How::hung_up);
}

TYPED_TEST_P(ServeCall, EndsWithTheConnection) {
    auto ended = this->serve(this->options());
    this->peer_->call("x");
    EXPECT_EQ(this->peer_->line(), "ANSWER");
    this->peer_->close();
    const auto result = ended.get();
    EXPECT_EQ(result.how, How::hung_up);
    EXPECT_TRUE(result.ok());
}

TYPED_TEST_P(ServeCall, TellsWhatLeftTheHandler) {
    this->router_.register_script_handler(
        "fail",
        [](AGI&, const Request&) -> asio::awaitable<void> {
            throw std::runtime_error("no\ndatabase");
            co_return;
        }
    );
    const auto result = this->refused(this->options(), "fail");
    EXPECT_EQ(result.how, How::failed);
    EXPECT_EQ(result.reason, "no\\x0adatabase");
    EXPECT_THROW(std::rethrow_exception(result.error), std::runtime_error);
    EXPECT_TRUE(this->log_.has("fail: the handler threw: no\\x0adatabase")) << this->log_.text();
}

TYPED_TEST_P(ServeCall, TellsWhyItRanNoHandler) {
    const auto none = this->refused(this->options(), "nowhere");
    EXPECT_EQ(none.how, How::no_route);
    EXPECT_EQ(none.reason, "no handler");
    auto options = this->options();
    options.max_path = 10;
    const auto long_path = this->refused(options, "x12345678901");
    EXPECT_EQ(long_path.how, How::refused);
    EXPECT_EQ(long_path.reason, "a path of 12 bytes");
    options.admission = [](const AdmissionRequest&) { return false; };
    const auto unwelcome = this->refused(options, "x");
    EXPECT_EQ(unwelcome.how, How::refused);
    EXPECT_EQ(unwelcome.reason, "not admitted");
    EXPECT_EQ(this->options_->counters().refused_admission, 1U);
}

TYPED_TEST_P(ServeCall, TellsWhatWasWrongWithThePeer) {
    auto odd = this->serve(this->options());
    this->peer_->send("GET / HTTP/1.1\n\n");
    EXPECT_EQ(this->peer_->line(), "<eof>");
    auto result = odd.get();
    EXPECT_EQ(result.how, How::fault);
    EXPECT_EQ(result.reason, "the environment does not begin with an agi_ line");
    auto lying = this->serve(this->options());
    this->peer_->call("x");
    EXPECT_EQ(this->peer_->line(), "ANSWER");
    this->peer_->send("no reply\n");
    EXPECT_EQ(this->peer_->line(), "<eof>");
    result = lying.get();
    EXPECT_EQ(result.how, How::fault);
    EXPECT_EQ(result.reason, "a line that is no reply: \"no reply\"");
    EXPECT_EQ(this->options_->counters().not_a_reply, 1U);
}

TYPED_TEST_P(ServeCall, KeepsTheLimits) {
    using namespace std::chrono_literals;
    auto options = this->options();
    options.max_environment = 30;
    const auto large = this->refused(options, "x");
    EXPECT_EQ(large.how, How::fault);
    EXPECT_EQ(this->options_->counters().environment_too_long, 1U);
    options = this->options();
    options.environment_timeout = 20ms;
    auto silent = this->serve(options);
    EXPECT_EQ(this->peer_->line(), "<eof>");
    EXPECT_EQ(silent.get().how, How::fault);
    EXPECT_EQ(this->options_->counters().environment_timeouts, 1U);
    options = this->options();
    options.session_timeout = 500ms;
    auto slow = this->serve(options);
    this->peer_->call("x");
    EXPECT_EQ(this->peer_->line(), "ANSWER");
    EXPECT_EQ(this->peer_->line(), "<eof>");
    EXPECT_EQ(slow.get().how, How::fault);
    EXPECT_EQ(this->options_->counters().session_timeouts, 1U);
}

TYPED_TEST_P(ServeCall, IsCancelledAndCleansUp) {
    std::atomic<bool> cleaned = false;
    auto flow = [&cleaned](AGI& call, const Request&) -> asio::awaitable<void> {
        try {
            co_await call.execute(WaitForDigit());
        } catch (const costrix::system_error& error) {
            cleaned = error.code() == asio::error::operation_aborted;
        }
        co_await call.execute(SetVariable("CLEANED", "yes"));
    };
    this->router_.register_script_handler("wait", flow);
    asio::cancellation_signal stop;
    auto ended = this->serve(
        CallOptions(this->options()), asio::bind_cancellation_slot(stop.slot(), asio::use_future)
    );
    this->peer_->call("wait");
    EXPECT_EQ(this->peer_->line(), "WAIT FOR DIGIT -1");
    asio::post(this->context_, [&stop] { stop.emit(asio::cancellation_type::terminal); });
    EXPECT_EQ(answer_fences(*this->peer_, "200 result=0\n"), "SET VARIABLE \"CLEANED\" \"yes\"");
    this->peer_->send("200 result=1\n");
    EXPECT_EQ(ended.get().how, How::returned);
    EXPECT_TRUE(cleaned);
}

TYPED_TEST_P(ServeCall, EndsAtOnceWhenItIsCancelledWithoutAHandler) {
    asio::cancellation_signal stop;
    auto ended = this->serve(
        CallOptions(this->options()), asio::bind_cancellation_slot(stop.slot(), asio::use_future)
    );
    asio::post(this->context_, [&stop] { stop.emit(asio::cancellation_type::terminal); });
    EXPECT_EQ(ended.get().how, How::cancelled);
    EXPECT_EQ(this->peer_->line(), "<eof>");
}

TYPED_TEST_P(ServeCall, TakesAnyCompletionToken) {
    std::promise<CallResult> told;
    this->serve(CallOptions(this->options()), [&told](CallResult result) {
        told.set_value(std::move(result));
    });
    this->peer_->call("nowhere");
    EXPECT_EQ(told.get_future().get().how, How::no_route);
    const CallOptions options(this->options());
    auto awaited =
        asio::co_spawn(this->context_, this->serve(options, asio::use_awaitable), asio::use_future);
    this->peer_->call("nowhere");
    EXPECT_EQ(awaited.get().how, How::no_route);
    EXPECT_EQ(options.counters().refused_no_route, 1U);
}

TYPED_TEST_P(ServeCall, IsCancelledAfterATime) {
#if COSTRIX_ASIO_VERSION >= 103300
    auto ended = this->serve(
        CallOptions(this->options()),
        asio::cancel_after(std::chrono::milliseconds(1), asio::use_future)
    );
    EXPECT_EQ(ended.get().how, How::cancelled);
    EXPECT_EQ(this->peer_->line(), "<eof>");
#else
    GTEST_SKIP() << "this Asio has no cancel_after";
#endif
}

TYPED_TEST_P(ServeCall, EndsWithItsContext) {
    auto probe = std::make_shared<int>(1);
    const std::weak_ptr<int> watch = probe;
    std::future<CallResult> ended;
    {
        asio::io_context context;
        auto stream = TypeParam::connect(context, this->theirs_, this->peer_);
        this->router_.register_script_handler(
            "hold",
            [probe = std::move(probe)](AGI& call, const Request&) -> asio::awaitable<void> {
                const auto kept = probe;
                co_await call.execute(WaitForDigit());
            }
        );
        ended = serve_call(
            std::move(stream), this->router_, CallOptions(this->options()), asio::use_future
        );
        this->peer_->call("hold");
        ASSERT_TRUE(test::eventually([&] {
            context.restart();
            context.poll();
            return watch.use_count() > 1;
        }));
        this->router_.clear_script_handlers();
    }
    EXPECT_TRUE(watch.expired());
    EXPECT_THROW(ended.get(), std::future_error);
}

REGISTER_TYPED_TEST_SUITE_P(
    ServeCall,
    RunsTheHandlerAndTellsHowItEnded,
    TellsTheHandlerOfItsPeer,
    EndsWithTheHangup,
    EndsWithTheConnection,
    TellsWhatLeftTheHandler,
    TellsWhyItRanNoHandler,
    TellsWhatWasWrongWithThePeer,
    KeepsTheLimits,
    IsCancelledAndCleansUp,
    EndsAtOnceWhenItIsCancelledWithoutAHandler,
    TakesAnyCompletionToken,
    IsCancelledAfterATime,
    EndsWithItsContext
);

}  // namespace costrix::agi
