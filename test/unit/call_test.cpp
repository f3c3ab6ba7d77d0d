// SPDX-License-Identifier: MIT
// A call over any transport: what its host is told, in which order, and that its end comes once.
#include "call/call.hpp"
#include "call/spawn_handler.hpp"
#include "support/scripted_transport.hpp"
#include "support/session_fixture.hpp"

#include <costrix/agi/actions/diagnostics.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace costrix::agi::detail {
namespace {

using test::plain_environment;

class CallTest : public ::testing::Test {
protected:
    struct Host final : CallHost, std::enable_shared_from_this<Host> {
        Host(asio::io_context& context, const SessionLimits& limits, std::vector<std::string>& told)
            : events(told), transport(context), call(transport, limits, *this) {}

        std::shared_ptr<void> keep_alive() noexcept override { return weak_from_this().lock(); }
        std::shared_ptr<const ScriptHandler> route() override {
            events.emplace_back("route");
            if (route_throws)
                throw std::runtime_error("no route");
            return handler ? std::make_shared<const ScriptHandler>(handler) : nullptr;
        }
        void on_fault(Fault, std::string_view why) override { events.emplace_back(why); }
        void on_stray_exception(const std::exception_ptr& error) override {
            events.push_back("stray: " + describe(error));
        }
        void on_disconnect() override { events.emplace_back("disconnected"); }
        void on_end(const CallEnd& end) noexcept override {
            EXPECT_FALSE(transport.closed() && end.how == CallOutcome::returned);
            events.emplace_back("end");
            ends.push_back(end);
        }
        void on_closed() noexcept override {
            EXPECT_TRUE(call.session().closed());
            events.emplace_back("closed");
        }

        std::vector<std::string>& events;
        test::ScriptedTransport transport;
        Call call;
        ScriptHandler handler;
        bool route_throws = false;
        std::vector<CallEnd> ends;
    };

    ~CallTest() override {
        host_->call.session().close();
        run();
    }

    void begin(ScriptHandler handler, const std::string& environment = plain_environment()) {
        host_->handler = std::move(handler);
        host_->call.start();
        asterisk(environment);
    }
    void asterisk(std::string_view bytes) {
        host_->transport.receive(bytes);
        run();
    }
    void run() {
        context_.restart();
        context_.poll();
    }
    CallOutcome how() const { return host_->ends.at(0).how; }

    static asio::awaitable<void> ask(AGI& call, const Request&) { co_await call.execute(Noop()); }

    using Events = std::vector<std::string>;
    SessionLimits limits_;
    Events events_;
    asio::io_context context_;
    std::shared_ptr<Host> host_ = std::make_shared<Host>(context_, limits_, events_);
};

TEST_F(CallTest, ReportsItsEndOnceAndThenThatItIsClosed) {
    begin(ask);
    EXPECT_EQ(events_, Events({"route"}));
    asterisk("200 result=0\n");
    EXPECT_EQ(events_, Events({"route", "end", "closed"}));
    EXPECT_EQ(how(), CallOutcome::returned);
    EXPECT_FALSE(host_->ends[0].hung_up);
    EXPECT_EQ(host_->ends[0].commands, 1U);
    EXPECT_TRUE(host_->transport.closed());
    EXPECT_TRUE(host_->call.ended());
    host_->call.cancel();
    run();
    EXPECT_EQ(events_.size(), 3U);
}

TEST_F(CallTest, EndsWithoutAHandler) {
    begin(nullptr);
    EXPECT_EQ(events_, Events({"route", "end", "closed"}));
    EXPECT_EQ(how(), CallOutcome::cancelled);
    EXPECT_FALSE(host_->ends[0].begun);
    EXPECT_EQ(host_->ends[0].error, nullptr);
}

TEST_F(CallTest, EndsWhenRoutingThrows) {
    host_->route_throws = true;
    begin(ask);
    EXPECT_EQ(events_, Events({"route", "end", "closed"}));
    EXPECT_EQ(how(), CallOutcome::failed);
    EXPECT_FALSE(host_->ends[0].begun);
    EXPECT_EQ(describe(host_->ends[0].error), "no route");
}

TEST_F(CallTest, EndsWhenTheHandlerThrowsBeforeItIsACoroutine) {
    begin([](AGI&, const Request&) -> asio::awaitable<void> { throw std::runtime_error("early"); });
    EXPECT_EQ(events_, Events({"route", "end", "closed"}));
    EXPECT_EQ(how(), CallOutcome::failed);
    EXPECT_TRUE(host_->ends[0].begun);
    EXPECT_EQ(describe(host_->ends[0].error), "early");
}

TEST_F(CallTest, EndsWithAFaultOfTheEnvironment) {
    begin(ask, "GET / HTTP/1.1\n");
    EXPECT_EQ(
        events_, Events({"the environment does not begin with an agi_ line", "end", "closed"})
    );
    EXPECT_EQ(how(), CallOutcome::cancelled);
    EXPECT_FALSE(host_->ends[0].begun);
}

TEST_F(CallTest, ReportsAFaultAtOnceAndLetsTheCallOutcome) {
    begin(ask);
    asterisk("no reply\n");
    EXPECT_EQ(events_, Events({"route", "a line that is no reply: \"no reply\"", "end", "closed"}));
    EXPECT_EQ(how(), CallOutcome::failed);  // it is told of the odd reply
    EXPECT_TRUE(host_->ends[0].hung_up);
}

TEST_F(CallTest, ReportsThatAsteriskHasClosedTheConnection) {
    begin(ask);
    host_->transport.end();
    run();
    EXPECT_EQ(events_, Events({"route", "disconnected", "end", "closed"}));
    EXPECT_EQ(how(), CallOutcome::hung_up);
}

TEST_F(CallTest, CancelsItsHandler) {
    begin(ask);
    host_->call.cancel();
    run();
    EXPECT_EQ(how(), CallOutcome::cancelled);
}

TEST_F(CallTest, EndsWhenItIsCancelledBeforeItHasAHandler) {
    begin(ask, "agi_network: yes\n");
    host_->call.cancel();
    EXPECT_EQ(events_, Events({"end", "closed"}));
}

TEST_F(CallTest, IsReleasedWithItsContext) {
    auto events = Events();
    std::weak_ptr<Host> kept;
    {
        asio::io_context context;
        auto host = std::make_shared<Host>(context, limits_, events);
        kept = host;
        host->handler = ask;
        host->call.start();
        host->transport.receive(plain_environment());
        host.reset();
        context.poll();
        EXPECT_FALSE(kept.expired());
    }
    EXPECT_TRUE(kept.expired());
    EXPECT_EQ(events, Events({"route"}));
}

/// What starts a handler, without a call around it.
class SpawnHandlerTest : public ::testing::Test {
protected:
    void spawn(asio::awaitable<void> flow) {
        auto ending = [this](std::exception_ptr error) {
            ++ended_;
            error_ = std::move(error);
        };
        spawn_handler(context_.get_executor(), std::move(flow), cancel_.slot(), std::move(ending));
    }

    asio::cancellation_signal cancel_;
    int ended_ = 0;
    std::exception_ptr error_;
    asio::io_context context_;
};

asio::awaitable<void> begin_and_return(bool& begun) {
    begun = true;
    co_return;
}

asio::awaitable<void> begin_and_throw() {
    throw std::runtime_error("thrown");
    co_return;
}

/// Waits for a call of `resume`, of which no executor knows.
asio::awaitable<void> wait_for_call(std::function<void()>& resume) {
    auto keep = [&resume](auto handler) {
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        resume = [kept] {
            auto& waiting = *kept;
            std::move(waiting)();
        };
    };
    asio::use_awaitable_t<> token;
    co_await asio::async_initiate<asio::use_awaitable_t<>, void()>(std::move(keep), token);
}

asio::awaitable<void> wait_on(asio::steady_timer& timer) {
    co_await timer.async_wait(asio::use_awaitable);
}

TEST_F(SpawnHandlerTest, BeginsOnTheExecutor) {
    bool begun = false;
    spawn(begin_and_return(begun));
    EXPECT_FALSE(begun);
    context_.run();
    EXPECT_TRUE(begun);
    EXPECT_EQ(ended_, 1);
    EXPECT_FALSE(error_);
}

TEST_F(SpawnHandlerTest, EndsAfterTheFunctionThatBeganIt) {
    bool begun = false;
    asio::post(context_, [&] {
        spawn(begin_and_return(begun));
        EXPECT_TRUE(begun);
        EXPECT_EQ(ended_, 0);
    });
    context_.run();
    EXPECT_EQ(ended_, 1);
}

TEST_F(SpawnHandlerTest, PassesTheExceptionOn) {
    spawn(begin_and_throw());
    context_.run();
    EXPECT_EQ(ended_, 1);
    ASSERT_TRUE(error_);
    EXPECT_EQ(describe(error_), "thrown");
}

TEST_F(SpawnHandlerTest, KeepsItsContextAtWorkUntilItEnds) {
    std::function<void()> resume;
    spawn(wait_for_call(resume));
    context_.poll();
    EXPECT_FALSE(context_.stopped());
    EXPECT_EQ(ended_, 0);
    ASSERT_TRUE(resume);
    asio::post(context_, resume);
    context_.poll();
    EXPECT_EQ(ended_, 1);
    EXPECT_TRUE(context_.stopped());
}

TEST_F(SpawnHandlerTest, IsCancelledByTerminalSignalsOnly) {
    asio::steady_timer timer(context_, std::chrono::hours(1));
    spawn(wait_on(timer));
    context_.poll();
    cancel_.emit(asio::cancellation_type::total);
    context_.poll();
    EXPECT_EQ(ended_, 0);
    cancel_.emit(asio::cancellation_type::terminal);
    context_.poll();
    EXPECT_EQ(ended_, 1);
    ASSERT_TRUE(error_);
    EXPECT_EQ(judge(error_, false), CallOutcome::cancelled);
}

}  // namespace
}  // namespace costrix::agi::detail
