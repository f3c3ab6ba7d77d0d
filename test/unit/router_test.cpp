// SPDX-License-Identifier: MIT
// Script handlers: order, anchoring, duplicates, the default, captures.
#include "router/route_index.hpp"

#include <costrix/agi/router.hpp>

#include <boost/regex.hpp>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace costrix::agi {
namespace {

/// A handler that can be told from others.
struct Numbered {
    int id;
    asio::awaitable<void> operator()(AGI&, const Request&) const { co_return; }
};

class RouterTest : public ::testing::Test {
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

TEST_F(RouterTest, SeesNoDifferenceInASlashInFront) {
    router_.register_script_handler("/menu$", handler(1));
    router_.register_script_handler("support/(\\w+)$", handler(2));
    router_.register_script_handler("(?:/a|/b)/(?<rest>.*)", handler(3));
    router_.register_script_handler("^/c/(\\d)", handler(4));
    for (const std::string slash : {"", "/"}) {
        EXPECT_EQ(route(slash + "menu"), 1);
        EXPECT_EQ(route(slash + "menus"), 0);
        EXPECT_EQ(route(slash + "support/sales"), 2);
        EXPECT_EQ(route(slash + "b/x"), 3);
        EXPECT_EQ(router_.get_script_handler(slash + "b/x").match["rest"], "x");
        EXPECT_EQ(route(slash + "c/7"), 4);
        EXPECT_EQ(router_.get_script_handler(slash + "support/sales").match[1], "sales");
    }
    EXPECT_EQ(route("//menu"), 1);
    EXPECT_EQ(route("///menu"), 0);
    EXPECT_EQ(route("/"), 0);
}

TEST_F(RouterTest, TakesASlashAloneForAUrlWithoutAPath) {
    router_.register_script_handler("/", handler(1));
    router_.register_script_handler("menu", handler(2));
    EXPECT_EQ(route("/"), 1);
    EXPECT_EQ(route("menu"), 2);
    EXPECT_EQ(route("other"), 0);
    router_.clear_script_handlers();
    router_.register_script_handler("/$", handler(3));
    router_.register_script_handler("/.*", handler(4));
    EXPECT_EQ(route("/"), 3);
    EXPECT_EQ(route("menu"), 4);
}

TEST_F(RouterTest, KeepsTheOrderWhateverTheSpelling) {
    router_.register_script_handler("/ab", handler(1));
    router_.register_script_handler("a", handler(2));
    router_.register_script_handler("/", handler(3));
    EXPECT_EQ(route("ab"), 1);
    EXPECT_EQ(route("ac"), 2);
    EXPECT_EQ(route("/ac"), 2);
    EXPECT_EQ(route("/b"), 3);
}

TEST(Router, MayBeUsedByItsReport) {
    Router* self = nullptr;
    int reported = 0;
    Router router([&](std::string_view) {
        ++reported;
        EXPECT_TRUE(self->get_script_handler("other"));
        self->register_script_handler("late", Numbered{3});  // as a lock would forbid
    });
    self = &router;
    router.register_script_handler("(a*)*(a*)*(a*)*(a*)*b", Numbered{1});
    router.register_script_handler("a+", Numbered{2});
    router.register_script_handler("other", Numbered{4});
    const auto found = router.get_script_handler(std::string(1000, 'a'));
    EXPECT_GT(reported, 0);
    ASSERT_TRUE(found);
    EXPECT_EQ(found.handler->target<Numbered>()->id, 2);
    EXPECT_EQ(found.match[0].size(), 1000U);
}

/// Uses the router when it is destroyed.
struct Farewell {
    explicit Farewell(Router& router) : router_(&router) {}
    ~Farewell() { router_->get_script_handler("x"); }
    Router* router_;
};

TEST(Router, DestroysHandlersWithoutItsLock) {
    Router router;
    const auto handler = [&router] {
        auto farewell = std::make_shared<Farewell>(router);
        return [farewell](AGI&, const Request&) -> asio::awaitable<void> { co_return; };
    };
    router.register_script_handler("x", handler());
    router.register_script_handler("x", handler());  // ignored
    EXPECT_TRUE(router.unregister_script_handler("x"));
    router.register_script_handler("x", handler());
    router.clear_script_handlers();
    router.register_script_handler(std::nullopt, handler());
    router.register_script_handler(std::nullopt, handler());
    router.register_script_handler(std::nullopt, nullptr);
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

TEST_F(RouterTest, ReportsToAnyFunction) {
    std::string said;
    Router router([&said](std::string_view what) { said = what; });
    router.register_script_handler("(a*)*(a*)*(a*)*(a*)*b", handler(1));
    EXPECT_FALSE(router.get_script_handler(std::string(1000, 'a')));
    EXPECT_TRUE(said.starts_with("script pattern \"(a*)*(a*)*(a*)*(a*)*b\" gave up")) << said;
    EXPECT_NE(said.find(" on a path of 1000 bytes: "), std::string::npos) << said;
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

TEST_F(RouterTest, CopiesOfAMatchStandOnTheirOwn) {
    router_.register_script_handler("a/(\\d+)", handler(1));
    Match copy;
    {
        const auto found = router_.get_script_handler("a/123456789012345678901234567890");
        copy = found.match;
    }
    EXPECT_EQ(copy[1], "123456789012345678901234567890");
}

TEST_F(RouterTest, CanBeCopiedForAnotherThread) {
    router_.register_script_handler("(?<first>a.*)", handler(1));
    router_.register_script_handler(boost::regex("(?<second>B)c", boost::regex::icase), handler(2));
    router_.register_script_handler("ab(?<never>)", handler(3));
    router_.register_script_handler("(?P<last>a+)+$", handler(4));
    std::string reported;
    Router copy(router_, [&reported](std::string_view what) { reported = what; });
    EXPECT_EQ(copy.get_script_handler("ab").match.find("first"), "ab");
    EXPECT_EQ(copy.get_script_handler("bC").match.find("second"), "b");
    EXPECT_FALSE(copy.get_script_handler("z"));
    copy.unregister_script_handler("(?<first>a.*)");
    EXPECT_TRUE(copy.get_script_handler("ab").match.find("never"));
    EXPECT_EQ(route("ab"), 1);
    copy.clear_script_handlers();
    EXPECT_EQ(route("BC"), 2);
    EXPECT_FALSE(copy.get_script_handler("bc"));
    EXPECT_EQ(reported, "");
}

TEST_F(RouterTest, IsCopiedWithItsDefaultHandler) {
    router_.register_script_handler(std::nullopt, handler(9));
    const Router copy(router_, [](std::string_view) {});
    EXPECT_TRUE(copy.get_script_handler("x"));
}

TEST(LiteralPrefix, IsWhatEveryMatchBeginsWith) {
    const std::pair<const char*, const char*> cases[] = {
        {"menu/sales", "menu/sales"},
        {"^menu", "menu"},
        {"menu$", "menu"},
        {"menu/(\\d+)", "menu/"},
        {"menus?", "menu"},
        {"a*", ""},
        {"ab+", "a"},
        {"ab{2}", "a"},
        {"a.c", "a"},
        {"v1\\.2/x", "v1.2/x"},
        {"v1\\.?x", "v1"},
        {"a\\d", "a"},
        {"a\\<b", "a"},
        {"[ab]c", ""},
        {"(?i)menu", ""},
        {"(?:a)b", ""},
        {"a|b", ""},
        {"x/(a|b)", "x/"},
        {"x/(a|b)|y", ""},
        {"x[(]a|b", ""},
        {"x\\(a|b", ""},
        {"x/(a\\)|b)", "x/"},
        {"x\\Q(\\E|b", ""},
        {"x\\c(|b", ""},
        {"x(?#()b|c", ""},
        {"x(?x)#(\n|b", ""},
        {"", ""},
    };
    for (const auto& [pattern, prefix] : cases)
        EXPECT_EQ(detail::literal_prefix(boost::regex(pattern)), prefix) << pattern;
    EXPECT_EQ(detail::literal_prefix(boost::regex("menu", boost::regex::icase)), "");
    EXPECT_EQ(detail::literal_prefix(boost::regex("a.c", boost::regex::literal)), "");
}

/// Random patterns and paths: the index against trying one pattern after the other.
TEST(RouteIndex, FindsWhatTryingAllInOrderFinds) {
    std::mt19937 random(20'4573);
    auto any = [&random](std::size_t below) { return random() % below; };
    const char* parts[] = {
        "a", "b", "ab", "/", "ba/", "a|b", "(a|b)", "a*", "[ab]", ".", "b?", "\\/"};
    int routed = 0;
    for (int round = 0; round < 200; ++round) {
        detail::RouteIndex index;
        std::vector<std::pair<std::string, boost::regex>> all;
        auto make = [&] {
            std::string pattern;
            for (std::size_t n = 1 + any(4); n > 0; --n)
                pattern += parts[any(std::size(parts))];
            return pattern;
        };
        for (int i = 0; i < 30; ++i) {
            const auto pattern = make();
            const auto known = std::find_if(all.begin(), all.end(), [&](const auto& one) {
                return one.first == pattern;
            });
            if (any(4) == 0) {
                EXPECT_EQ(index.remove(pattern) != nullptr, known != all.end());
                if (known != all.end())
                    all.erase(known);
                continue;
            }
            const boost::regex regex(pattern);
            EXPECT_EQ(
                index.add(std::make_shared<detail::Route>(pattern, regex, nullptr)),
                known == all.end()
            );
            if (known == all.end())
                all.emplace_back(pattern, regex);
        }
        for (int i = 0; i < 30; ++i) {
            std::string path;
            for (std::size_t n = any(7); n > 0; --n)
                path += "ab/"[any(3)];
            std::string room;
            const auto spellings = detail::spellings_of(path, room);
            auto matches = [](std::string_view spelling, const boost::regex& regex) {
                return boost::regex_search(
                    spelling.begin(), spelling.end(), regex, boost::match_continuous
                );
            };
            const auto expected = std::find_if(all.begin(), all.end(), [&](const auto& one) {
                return matches(spellings.sent, one.second) ||
                       (spellings.other && matches(*spellings.other, one.second));
            });
            const auto* found =
                index.find(spellings, [&](const detail::Route& route, std::string_view spelling) {
                    return matches(spelling, route.regex);
                });
            ASSERT_EQ(found != nullptr, expected != all.end()) << path;
            if (found) {
                ASSERT_EQ(found->pattern, expected->first) << path;
                ++routed;
            }
        }
    }
    EXPECT_GT(routed, 1000);
}

}  // namespace
}  // namespace costrix::agi
