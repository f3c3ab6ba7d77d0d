// SPDX-License-Identifier: MIT
// A call over any transport: what its host is told, in which order, and that its end comes once.
#include "call/call.hpp"
#include "support/scripted_transport.hpp"
#include "support/session_fixture.hpp"

#include <costrix/agi/actions/diagnostics.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
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
            EXPECT_FALSE(transport.closed() && end.how == HandlerEnd::returned);
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
    HandlerEnd how() const { return host_->ends.at(0).how; }

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
    EXPECT_EQ(how(), HandlerEnd::returned);
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
    EXPECT_EQ(how(), HandlerEnd::not_started);
    EXPECT_EQ(host_->ends[0].error, nullptr);
}

TEST_F(CallTest, EndsWhenRoutingThrows) {
    host_->route_throws = true;
    begin(ask);
    EXPECT_EQ(events_, Events({"route", "end", "closed"}));
    EXPECT_EQ(how(), HandlerEnd::not_started);
    EXPECT_EQ(describe(host_->ends[0].error), "no route");
}

TEST_F(CallTest, EndsWhenTheHandlerThrowsBeforeItIsACoroutine) {
    begin([](AGI&, const Request&) -> asio::awaitable<void> { throw std::runtime_error("early"); });
    EXPECT_EQ(events_, Events({"route", "end", "closed"}));
    EXPECT_EQ(how(), HandlerEnd::failed);
    EXPECT_EQ(describe(host_->ends[0].error), "early");
}

TEST_F(CallTest, EndsWithAFaultOfTheEnvironment) {
    begin(ask, "GET / HTTP/1.1\n");
    EXPECT_EQ(
        events_, Events({"the environment does not begin with an agi_ line", "end", "closed"})
    );
    EXPECT_EQ(how(), HandlerEnd::not_started);
}

TEST_F(CallTest, ReportsAFaultAtOnceAndLetsTheHandlerEnd) {
    begin(ask);
    asterisk("no reply\n");
    EXPECT_EQ(events_, Events({"route", "a line that is no reply: \"no reply\"", "end", "closed"}));
    EXPECT_EQ(how(), HandlerEnd::failed);  // it is told of the odd reply
    EXPECT_TRUE(host_->ends[0].hung_up);
}

TEST_F(CallTest, ReportsThatAsteriskHasClosedTheConnection) {
    begin(ask);
    host_->transport.end();
    run();
    EXPECT_EQ(events_, Events({"route", "disconnected", "end", "closed"}));
    EXPECT_EQ(how(), HandlerEnd::hung_up);
}

TEST_F(CallTest, CancelsItsHandler) {
    begin(ask);
    host_->call.cancel();
    run();
    EXPECT_EQ(how(), HandlerEnd::cancelled);
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

}  // namespace
}  // namespace costrix::agi::detail
