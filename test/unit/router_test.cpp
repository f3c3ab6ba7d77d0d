// SPDX-License-Identifier: MIT
// Script handlers: order, anchoring, duplicates, the default, captures.
#include <costrix/agi/router.hpp>

#include <boost/regex.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
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
    /// The handler for a path; 0 for none.
    int route(std::string_view path) const {
        const auto found = router_.get_script_handler(path);
        return found ? found.handler->target<Numbered>()->id : 0;
    }

    std::string reported_;
    Router router_{[this](std::string_view message) { reported_ = message; }};
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
    router_.register_script_handler(boost::regex("(?<second>B)c", boost::regex::icase), handler(2));
    EXPECT_EQ(router_.get_script_handler("bC").match.find("second"), "b");
    EXPECT_THROW(
        router_.register_script_handler(boost::regex(), handler(3)), std::invalid_argument
    );
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

/// Such a pattern is compared, unless the path goes on.
TEST_F(RouterTest, GivesTheWholePathForALiteralPattern) {
    router_.register_script_handler("^sales/new$", handler(1));
    router_.register_script_handler("/menu$", handler(2));
    router_.register_script_handler("a+$", handler(3));
    EXPECT_EQ(router_.get_script_handler("sales/new").match.at(0), "sales/new");
    EXPECT_EQ(router_.get_script_handler("/sales/new").match.at(0), "sales/new");
    EXPECT_EQ(router_.get_script_handler("menu").match.at(0), "/menu");
    EXPECT_EQ(router_.get_script_handler("menu").match.size(), 1U);
    EXPECT_EQ(route("menus"), 0);
    EXPECT_EQ(route("menu\nx"), 2);  // Boost.Regex takes `$` for the end of a line
    EXPECT_EQ(route("aaa"), 3);
    EXPECT_EQ(route("sales/ne"), 0);
}

TEST_F(RouterTest, ThrowsForACaptureThatThereIsNot) {
    router_.register_script_handler("(?<kind>\\w+)(/(?<rest>.*))?", handler(1));
    const auto match = router_.get_script_handler("queue").match;
    EXPECT_EQ(match.at(0), "queue");
    EXPECT_EQ(match.at("kind"), "queue");
    const auto what = [&match](auto group) -> std::string {
        try {
            return std::string(match.at(group));
        } catch (const std::out_of_range& error) {
            return error.what();
        }
    };
    EXPECT_EQ(what("king"), "Match::at: group \"king\" is not in the pattern that matched");
    EXPECT_EQ(what(4), "Match::at: group 4 is not in the pattern that matched");
    EXPECT_EQ(what("rest"), "Match::at: group \"rest\" took no part in the match");
    EXPECT_EQ(what(2), "Match::at: group 2 took no part in the match");
    EXPECT_THROW(Match().at(0), std::out_of_range);
}

TEST_F(RouterTest, GivesNoMatchForTheDefault) {
    router_.register_script_handler(std::nullopt, handler(1));
    EXPECT_FALSE(router_.get_script_handler("x").match);
}

TEST_F(RouterTest, HasADefaultHandlerByEitherName) {
    router_.set_default_handler(handler(1));
    EXPECT_EQ(route("x"), 1);
    router_.register_script_handler(std::nullopt, handler(2));
    EXPECT_EQ(route("x"), 2);
    router_.clear_script_handlers();
    EXPECT_EQ(route("x"), 2);
    router_.set_default_handler(nullptr);
    EXPECT_EQ(route("x"), 0);
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

TEST_F(RouterTest, ReportsAMatchThatIsGivenUpAndTakesItForNone) {
    router_.register_script_handler("(a*)*(a*)*(a*)*(a*)*b", handler(1));
    router_.register_script_handler(std::nullopt, handler(2));
    EXPECT_EQ(route(std::string(1000, 'a')), 2);
    EXPECT_TRUE(reported_.starts_with("script pattern \"(a*)*(a*)*(a*)*(a*)*b\" gave up"))
        << reported_;
    EXPECT_NE(reported_.find(" on a path of 1000 bytes: "), std::string::npos) << reported_;
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

/// Each kind of pattern that may not start as its text does.
TEST_F(RouterTest, FindsAPatternWhateverItsMatchesStartWith) {
    const std::pair<const char*, const char*> cases[] = {
        {"menu/sales", "menu/sales"},
        {"^menu", "menu"},
        {"^/menu", "menu"},
        {"menus?", "menu"},
        {"a*", ""},
        {"ab+", "abb"},
        {"ab*", "a"},
        {"ab{0}c", "ac"},
        {"a.c", "abc"},
        {"v1\\.2/x", "v1.2/x"},
        {"v1\\.?x", "v1x"},
        {"a\\d", "a7"},
        {"a\\>/b", "a/b"},
        {"a-b_c", "a-b_c"},
        {"[ab]c", "bc"},
        {"(?i)menu", "MENU"},
        {"(?:a)b", "ab"},
        {"a|b", "b"},
        {"x/(a|b)", "x/b"},
        {"x/(a|b)|y", "y"},
        {"x[(]a|b", "b"},
        {"x\\(a|b", "b"},
        {"x/(a\\)|b)", "x/b"},
        {"x\\Q(\\E|b", "b"},
        {"x\\c(|b", "b"},
        {"x(?#()b|c", "c"},
        {"x(?x)#(\n|b", "b"},
        {"", "x"},
    };
    for (const auto& [pattern, path] : cases) {
        router_.register_script_handler(pattern, handler(1));
        EXPECT_EQ(route(path), 1) << pattern;
        router_.clear_script_handlers();
    }
    router_.register_script_handler(boost::regex("menu", boost::regex::icase), handler(1));
    EXPECT_EQ(route("MENU"), 1);
    router_.register_script_handler(boost::regex("ab*", boost::regex::literal), handler(2));
    EXPECT_EQ(route("ab*"), 2);
    EXPECT_EQ(route("a"), 0);
}

struct Named {
    std::string pattern;
    asio::awaitable<void> operator()(AGI&, const Request&) const { co_return; }
};

/// With or without a leading slash, but a slash that was added is not enough.
bool matches_a_spelling(const std::string& path, const boost::regex& regex) {
    boost::smatch match;
    const auto matches = [&](const std::string& text) {
        return boost::regex_search(text, match, regex, boost::match_continuous);
    };
    if (matches(path))
        return true;
    if (path.empty() || path == "/")
        return false;
    if (path.starts_with('/'))
        return matches(path.substr(1));
    return matches("/" + path) && match.length() != 1;
}

/// Random patterns and paths, compared with trying one pattern after the other.
TEST(Router, FindsWhatTryingAllInOrderFinds) {
    std::mt19937 random(20'4573);
    auto any = [&random](std::size_t below) { return random() % below; };
    const char* parts[] = {
        "a", "b", "ab", "/", "ba/", "a|b", "(a|b)", "a*", "[ab]", ".", "b?", "\\/", "^"};
    int routed = 0;
    for (int round = 0; round < 200; ++round) {
        Router router;
        std::vector<std::pair<std::string, boost::regex>> all;
        auto position = [&all](std::string_view pattern) {
            return std::find_if(all.begin(), all.end(), [&](const auto& one) {
                return one.first == pattern;
            });
        };
        for (int id = 0; id < 30; ++id) {
            std::string pattern;
            for (std::size_t n = 1 + any(4); n > 0; --n)
                pattern += parts[any(std::size(parts))];
            const auto known = position(pattern);
            if (any(4) == 0) {
                EXPECT_EQ(router.unregister_script_handler(pattern), known != all.end());
                if (known != all.end())
                    all.erase(known);
            } else {
                try {
                    router.register_script_handler(pattern, Named{pattern});
                } catch (const std::invalid_argument&) {
                    continue;
                }
                if (known == all.end())
                    all.emplace_back(pattern, pattern);
            }
        }
        for (int i = 0; i < 30; ++i) {
            std::string path;
            for (std::size_t n = any(7); n > 0; --n)
                path += "ab/"[any(3)];
            const auto expected = std::find_if(all.begin(), all.end(), [&](const auto& one) {
                return matches_a_spelling(path, one.second);
            });
            const auto found = router.get_script_handler(path);
            ASSERT_EQ(static_cast<bool>(found), expected != all.end()) << path;
            if (found) {
                ASSERT_EQ(found.handler->target<Named>()->pattern, expected->first) << path;
                ++routed;
            }
        }
    }
    EXPECT_GT(routed, 1000);
}

TEST(Router, IsUsedByManyThreadsWhileHandlersComeAndGo) {
    Router router;
    router.register_script_handler("always/(\\d+)", Numbered{1});
    std::atomic<bool> done = false;
    std::atomic<int> wrong = 0;
    const auto look_up = [&] {
        while (!done) {
            const auto found = router.get_script_handler("always/7");
            wrong += !found || found.match[1] != "7" || found.handler->target<Numbered>()->id != 1;
            const auto maybe = router.get_script_handler("sometimes");
            wrong += maybe && maybe.handler->target<Numbered>()->id != 2;
        }
    };
    const auto change = [&router] {
        for (int i = 0; i < 1000; ++i) {
            const auto own = "own" + std::to_string(i);
            router.register_script_handler(own, Numbered{3});
            router.register_script_handler("sometimes", Numbered{2});
            EXPECT_TRUE(router.unregister_script_handler(own));
            router.unregister_script_handler("sometimes");
        }
    };
    std::thread one(look_up), other(look_up);
    change();
    done = true;
    one.join();
    other.join();
    EXPECT_EQ(wrong, 0);
}

TEST(Router, LosesNoRegistrationThatIsMadeAtTheSameTime) {
    Router router;
    const auto register_some = [&router](const std::string& name) {
        for (int i = 0; i < 200; ++i)
            router.register_script_handler(name + std::to_string(i) + "$", Numbered{i});
    };
    std::thread other(register_some, "other");
    register_some("one");
    other.join();
    for (int i = 0; i < 200; ++i) {
        EXPECT_TRUE(router.get_script_handler("one" + std::to_string(i)));
        EXPECT_TRUE(router.get_script_handler("other" + std::to_string(i)));
    }
}

}  // namespace
}  // namespace costrix::agi
