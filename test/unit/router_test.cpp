// SPDX-License-Identifier: MIT
// Script handlers: order, anchoring, duplicates, the default, captures.
#include <costrix/agi/router.hpp>

#include <boost/regex.hpp>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>
#include <stdexcept>

namespace costrix::agi {
namespace {

/// A handler that can be told from others.
struct Numbered {
    int id;
    asio::awaitable<void> operator()(AGI&, const Request&) const { co_return; }
};

class RouterTest : public testing::Test {
protected:
    static ScriptHandler handler(int id) { return Numbered{id}; }
    /// Which handler the path leads to; 0 for none.
    int route(std::string_view path) const {
        const auto found = router_.get_script_handler(path);
        return found ? found.handler->target<Numbered>()->id : 0;
    }

    std::ostringstream log_;
    Router router_{std::make_shared<spdlog::logger>(
        "test",
        std::make_shared<spdlog::sinks::ostream_sink_st>(log_)
    )};
};

TEST_F(RouterTest, TakesTheFirstPatternThatMatchesFromTheStart) {
    router_.register_script_handler("support/(\\w+)", handler(1));
    router_.register_script_handler("support", handler(2));
    router_.register_script_handler("port", handler(3));
    EXPECT_EQ(route("support/sales"), 1);
    EXPECT_EQ(route("support"), 2);
    EXPECT_EQ(route("supported"), 2);  // open at its end, as Python's re.match
    EXPECT_EQ(route("port"), 3);
    EXPECT_EQ(route("xport"), 0);
}

TEST_F(RouterTest, IgnoresASecondRegistrationOfAPattern) {
    router_.register_script_handler("a", handler(1));
    router_.register_script_handler("a", handler(2));
    EXPECT_EQ(route("a"), 1);
    EXPECT_TRUE(router_.unregister_script_handler("a"));
    EXPECT_EQ(route("a"), 0);
    EXPECT_FALSE(router_.unregister_script_handler("a"));
}

TEST_F(RouterTest, KeepsTheDefaultHandlerWhenCleared) {
    router_.register_script_handler("a", handler(1));
    router_.register_script_handler(std::nullopt, handler(9));
    EXPECT_EQ(route("b"), 9);
    router_.clear_script_handlers();
    EXPECT_EQ(route("a"), 9);
    router_.register_script_handler(std::nullopt, nullptr);
    EXPECT_EQ(route("a"), 0);
}

TEST_F(RouterTest, TakesCompiledExpressions) {
    const boost::regex pattern("MENU", boost::regex::perl | boost::regex::icase);
    router_.register_script_handler(pattern, handler(1));
    EXPECT_EQ(route("menu"), 1);
    EXPECT_TRUE(router_.unregister_script_handler(pattern));
    EXPECT_EQ(route("menu"), 0);
}

TEST_F(RouterTest, GivesCapturesByNumberAndByName) {
    router_.register_script_handler("(?P<kind>\\w+)/(\\d+)(/(?<rest>.*))?", handler(1));
    const auto found = router_.get_script_handler("queue/42");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found.match);
    EXPECT_EQ(found.match.size(), 5U);
    EXPECT_EQ(found.match[0], "queue/42");
    EXPECT_EQ(found.match["kind"], "queue");
    EXPECT_EQ(found.match[2], "42");
    EXPECT_EQ(found.match.find("rest"), std::nullopt);
    EXPECT_EQ(found.match["rest"], "");
    EXPECT_EQ(found.match.find("nobody"), std::nullopt);
    EXPECT_EQ(found.match.find(17), std::nullopt);
}

TEST_F(RouterTest, GivesNoMatchForTheDefault) {
    router_.register_script_handler(std::nullopt, handler(1));
    EXPECT_FALSE(router_.get_script_handler("x").match);
}

TEST_F(RouterTest, RefusesABadPatternWhereItIsRegistered) {
    try {
        router_.register_script_handler("menu/(", handler(1));
        FAIL();
    } catch (const std::invalid_argument& error) {
        EXPECT_NE(std::string(error.what()).find("menu/("), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find("position"), std::string::npos) << error.what();
    }
    EXPECT_THROW(router_.register_script_handler("a", nullptr), std::invalid_argument);
}

TEST_F(RouterTest, TakesAMatchThatIsGivenUpForNone) {
    router_.register_script_handler("(a*)*(a*)*(a*)*(a*)*b", handler(1));
    router_.register_script_handler(std::nullopt, handler(2));
    EXPECT_EQ(route(std::string(1000, 'a')), 2);
    EXPECT_NE(log_.str().find("gave up"), std::string::npos) << log_.str();
}

TEST_F(RouterTest, KeepsAHandlerAliveThatIsUnregistered) {
    auto probe = std::make_shared<int>(1);
    const std::weak_ptr<int> watch = probe;
    router_.register_script_handler(
        "a",
        [probe = std::move(probe)](AGI&, const Request&) -> asio::awaitable<void> { return {}; }
    );
    auto found = router_.get_script_handler("a");
    router_.unregister_script_handler("a");
    EXPECT_FALSE(watch.expired());
    found = {};
    EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace costrix::agi
