// SPDX-License-Identifier: MIT
// What can be a handler: functions, lambdas, move-only callables, member functions.
#include <costrix/agi.hpp>
#include <costrix/agi/script_handler.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/conversation.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace costrix::agi {
namespace {

/// A call flow with state; its functions say who they were.
struct Ivr {
    asio::awaitable<void> menu(AGI&, const Request& request) {
        said += "menu " + request.path;
        co_return;
    }
    asio::awaitable<void> queue(AGI&, const Request& request, std::string name) const {
        *log += name + " " + request.path;
        co_return;
    }
    std::string said;
    std::shared_ptr<std::string> log = std::make_shared<std::string>();
};

asio::awaitable<void> nothing(AGI&, const Request&) {
    co_return;
}

/// Runs a handler that asks nothing of its call.
void run(const ScriptHandler& handler, const std::string& path = "p") {
    costrix::testing::Conversation(path).run(handler);
}

TEST(ScriptHandlerTest, MayBeNone) {
    EXPECT_FALSE(ScriptHandler());
    EXPECT_FALSE(ScriptHandler(nullptr));
    EXPECT_FALSE(ScriptHandler(std::function<asio::awaitable<void>(AGI&, const Request&)>()));
    asio::awaitable<void> (*const pointer)(AGI&, const Request&) = nullptr;
    EXPECT_FALSE(ScriptHandler(pointer));
    EXPECT_TRUE(ScriptHandler(nothing));
    EXPECT_TRUE(ScriptHandler([](AGI&, const Request&) -> asio::awaitable<void> { co_return; }));
    run([](AGI& call, const Request& request) -> asio::awaitable<void> {
        EXPECT_THROW(std::ignore = ScriptHandler()(call, request), std::bad_function_call);
        co_return;
    });
}

TEST(ScriptHandlerTest, MayBeMoveOnly) {
    auto owned = std::make_unique<std::string>();
    auto& said = *owned;
    ScriptHandler handler =
        [owned = std::move(owned)](AGI&, const Request& request) -> asio::awaitable<void> {
        *owned += request.path;
        co_return;
    };
    run(handler, "a");
    const ScriptHandler copy = handler;
    run(copy, "b");
    EXPECT_EQ(said, "ab") << "copies share the callable";
}

TEST(ScriptHandlerTest, MayChangeItsState) {
    auto calls = std::make_shared<int>(0);
    const ScriptHandler handler = [calls, n = 0](AGI& call, const Request& request) mutable {
        *calls = ++n;
        return nothing(call, request);
    };
    run(handler);
    run(handler);
    EXPECT_EQ(*calls, 2);
}

TEST(ScriptHandlerTest, MayBeAMemberFunctionWithItsObject) {
    Ivr ivr;
    run(std::bind_front(&Ivr::menu, &ivr), "1");
    run(std::bind_front(&Ivr::menu, std::ref(ivr)), "2");
    EXPECT_EQ(ivr.said, "menu 1menu 2");
    const auto shared = std::make_shared<Ivr>();
    run(std::bind_front(&Ivr::menu, shared), "3");
    EXPECT_EQ(shared->said, "menu 3");
    auto unique = std::make_unique<Ivr>();
    const auto log = unique->log;
    auto sales = [ivr = std::move(unique)](AGI& call, const Request& request) {
        return ivr->queue(call, request, "sales");
    };
    run(std::move(sales), "4");
    EXPECT_EQ(*log, "sales 4");
}

TEST(ScriptHandlerTest, LivesAsLongAsACopyOfIt) {
    auto probe = std::make_shared<int>(1);
    const std::weak_ptr<int> watch = probe;
    ScriptHandler first = [probe = std::move(probe)](AGI& call, const Request& request) {
        return nothing(call, request);
    };
    ScriptHandler second = first;
    first = nullptr;
    EXPECT_FALSE(watch.expired());
    second = {};
    EXPECT_TRUE(watch.expired());
}

TEST(ScriptHandlerTest, TellsWhatItHolds) {
    using Function = asio::awaitable<void> (*)(AGI&, const Request&);
    const ScriptHandler handler = nothing;
    ASSERT_NE(handler.target<Function>(), nullptr);
    EXPECT_EQ(*handler.target<Function>(), &nothing);
    using Other = std::function<asio::awaitable<void>(AGI&, const Request&)>;
    EXPECT_EQ(handler.target<Other>(), nullptr);
    EXPECT_EQ(ScriptHandler().target<Function>(), nullptr);
}

}  // namespace
}  // namespace costrix::agi
