// SPDX-License-Identifier: MIT
// Menu and KeyPattern: choices, ways back, tries, and how a menu is shown.
#include "unit/flows/flow_call.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace costrix::agi::test {
namespace {

using namespace std::chrono_literals;
using Match = KeyPattern::Match;

TEST(KeyPattern, MatchesText) {
    const KeyPattern text("12#");
    EXPECT_EQ(text.match("1"), Match::partial);
    EXPECT_EQ(text.match("12#"), Match::full);
    EXPECT_EQ(text.match("13"), Match::none);
    EXPECT_EQ(text.match("12#1"), Match::none);
    EXPECT_TRUE(text.is_literal());
}

TEST(KeyPattern, MatchesSetsAndLetters) {
    const KeyPattern sets("2[0-35*]XZN");
    EXPECT_EQ(sets.match("20012"), Match::full);
    EXPECT_EQ(sets.match("2*999"), Match::full);
    EXPECT_EQ(sets.match("24"), Match::none);
    EXPECT_EQ(sets.match("2000"), Match::none);   // Z is not 0
    EXPECT_EQ(sets.match("20011"), Match::none);  // N is not 1
    EXPECT_FALSE(sets.is_literal());
}

TEST(KeyPattern, MatchesPrefixes) {
    const KeyPattern prefix("9.");
    EXPECT_EQ(prefix.match("9"), Match::partial);
    EXPECT_EQ(prefix.match("91"), Match::full_or_partial);
    EXPECT_EQ(prefix.match("8"), Match::none);
}

TEST(KeyPattern, MatchesRanges) {
    const auto range = KeyPattern::range(5, 120);
    EXPECT_EQ(range.match("5"), Match::full_or_partial);
    EXPECT_EQ(range.match("1"), Match::partial);
    EXPECT_EQ(range.match("12"), Match::full_or_partial);
    EXPECT_EQ(range.match("13"), Match::full);
    EXPECT_EQ(range.match("120"), Match::full);
    EXPECT_EQ(range.match("121"), Match::none);
    EXPECT_EQ(range.match("05"), Match::none);
    EXPECT_EQ(range.match("4"), Match::partial);  // 40
    EXPECT_EQ(range.match("*"), Match::none);
    for (int low = 0; low < 130; low += 7) {  // against counting
        const auto some = KeyPattern::range(low, low + 30);
        for (int number = 0; number < 300; ++number) {
            const auto keys = std::to_string(number);
            bool longer = false;
            for (int other = low; other <= low + 30; ++other)
                longer = longer || (std::to_string(other).starts_with(keys) && other != number);
            const bool full = number >= low && number <= low + 30;
            const auto expected = full     ? longer ? Match::full_or_partial : Match::full
                                  : longer ? Match::partial
                                           : Match::none;
            EXPECT_EQ(some.match(keys), expected) << low << ": " << number;
        }
    }
}

TEST(KeyPattern, SaysWhatIsWrong) {
    for (const char* wrong : {"", "x", "[12", "[]", "[9-0]", "1.2", "[*-#]", "+"})
        EXPECT_THROW(KeyPattern{wrong}, std::invalid_argument) << wrong;
    EXPECT_THROW(KeyPattern::range(5, 4), std::invalid_argument);
    try {
        KeyPattern("1+");
        FAIL();
    } catch (const std::invalid_argument& error) {
        EXPECT_STREQ(
            error.what(), "the keys \"1+\": made of 0-9 * # A-D, X, Z, N, [..], and . at the end"
        );
    }
}

/// A handler that writes down that it ran.
struct Note {
    std::string name;
    std::vector<std::string>* notes;

    asio::awaitable<void> operator()(AGI&) const {
        notes->push_back(name);
        co_return;
    }
};

class MenuTest : public ::testing::Test {
protected:
    Note note(std::string name) { return {std::move(name), &notes_}; }

    std::vector<std::string> notes_;
};

TEST_F(MenuTest, RunsWhatWasChosen) {
    Menu menu("main");
    menu.on("1", note("sales")).on("2", note("support")).on("3");
    const auto run = run_flow(caller().press("2", 1s), menu);
    EXPECT_TRUE(*run.result);
    EXPECT_EQ(run.result->keys, "2");
    EXPECT_EQ(notes_, Strings{"support"});
    EXPECT_EQ(run.took, 1100ms);
    EXPECT_EQ(run_flow(caller().press("3", 3s), menu).result->keys, "3");
}

TEST_F(MenuTest, GivesHandlersTheKeysOrTheRequest) {
    std::string keys, path;
    Menu menu("main");
    menu.on("2X", [&](AGI&, std::string_view pressed) -> asio::awaitable<void> {
        keys = pressed;
        co_return;
    });
    run_flow(caller().press("27", 1s), menu);
    EXPECT_EQ(keys, "27");

    menu.on("1", [&](AGI&, const Request& request) -> asio::awaitable<void> {
        path = request.path;
        co_return;
    });
    auto handler = [&](AGI& call, const Request& request) -> asio::awaitable<void> {
        co_await menu.run(call, request);
    };
    auto scenario = caller();
    testing::run_call(scenario.press("1", 1s), handler);
    EXPECT_EQ(path, "flow");
    EXPECT_THROW(run_flow(scenario, menu), std::logic_error);
}

TEST_F(MenuTest, TakesTheLongestChoice) {
    Menu menu("main");
    menu.on("2", note("two"))
        .on("2X", note("room"))
        .on("24", note("office"))
        .on("2345", note("long"));
    const auto pressed = [&](const char* keys) {
        notes_.clear();
        return run_flow(caller().press(keys, 3s), menu).took;
    };
    EXPECT_EQ(pressed("2"), 3100ms + 2s);  // there could be more
    EXPECT_EQ(notes_, Strings{"two"});
    EXPECT_EQ(pressed("2#"), 3350ms);  // unless an end key says that there is no more
    EXPECT_EQ(notes_, Strings{"two"});
    EXPECT_EQ(pressed("27"), 3350ms);
    EXPECT_EQ(notes_, Strings{"room"});
    EXPECT_EQ(pressed("24"), 3350ms);
    EXPECT_EQ(notes_, Strings{"office"});
    EXPECT_EQ(pressed("23"), 3350ms + 2s);
    EXPECT_EQ(notes_, Strings{"room"});
    EXPECT_EQ(pressed("2345"), 3850ms);
    EXPECT_EQ(notes_, Strings{"long"});
}

TEST_F(MenuTest, TakesEverythingBehindAPrefixAndNumbersOfARange) {
    Menu menu("main");
    menu.on("9.", note("outside")).on(KeyPattern::range(100, 120), note("room"));
    const auto outside = run_flow(caller().press("90049", 3s), menu);
    EXPECT_EQ(outside.result->keys, "90049");
    EXPECT_EQ(outside.took, 3100ms + 4 * 250ms + 2s);  // there could be more
    const auto room = run_flow(caller().press("117", 3s), menu);
    EXPECT_EQ(room.result->keys, "117");
    EXPECT_EQ(room.took, 3600ms);
    menu.attempts(1);
    EXPECT_EQ(run_flow(caller().press("121", 3s), menu).result->end, AnswerEnd::invalid);
    EXPECT_EQ(notes_, (Strings{"outside", "room"}));
}

/// signalwire/freeswitch#1550: a time-out that was not honoured once a key had cut a prompt short.
TEST_F(MenuTest, KeepsEachMenusOwnTimesAfterAnInterruption) {
    Menu below("below");
    below.on("11").first_key(4s).next_key(1s).attempts(1);
    Menu menu("main");
    menu.on("1", below).first_key(9s);
    const auto silent = run_flow(caller().press("1", 1s), menu);
    EXPECT_EQ(silent.took, 1100ms + 2s + 4s);
    const auto one_key = run_flow(caller().press("11", 1s, 1s), menu);
    EXPECT_EQ(one_key.took, 2100ms + 1s);
}

TEST_F(MenuTest, TakesKeysOfAPromptOfSeveralParts) {
    Menu menu({"for-sales", "press-1", "for-support", "press-2"});
    menu.on("1", note("sales")).on("2", note("support"));
    const auto run = run_flow(caller().press_during("for-support", "1"), menu);
    EXPECT_EQ(notes_, Strings{"sales"});
    EXPECT_EQ(run.played(), (Strings{"for-sales", "press-1", "for-support"}));
}

/// adhearsion#242.
TEST_F(MenuTest, PlaysOnAtAKeyThatBeginsNoChoice) {
    Menu menu("main");
    menu.on("1", note("sales"));
    const auto run = run_flow(caller().press_during("main", "7", 500ms).press("1", 3s), menu);
    EXPECT_EQ(run.played(), Strings{"main"});
    EXPECT_EQ(notes_, Strings{"sales"});
}

/// FreePBX/ivr PR#1, fusionpbx#1402: both lead back to the menu.
TEST_F(MenuTest, ComesBackAfterSilenceAndWrongKeys) {
    Menu menu("main");
    menu.on("1", note("sales")).on_silence("silent").on_invalid("wrong").on_failure("goodbye");
    menu.otherwise(note("operator")).attempts(3);
    const auto run = run_flow(caller().press("7", 3s), menu);
    EXPECT_EQ(run.result->end, AnswerEnd::silence);
    EXPECT_EQ(run.played(), (Strings{"main", "wrong", "main", "silent", "main", "goodbye"}));
    EXPECT_EQ(notes_, Strings{"operator"});
}

/// juspay/clairvoyance PR#833: an invalid key that costs no try.
TEST_F(MenuTest, ForgivesWrongKeysIfWished) {
    Menu menu("main");
    menu.on("1", note("sales")).attempts(1).free_wrong_answers(2);
    const auto run = run_flow(caller().press("7", 3s).press("8", 6s).press("1", 9s), menu);
    EXPECT_EQ(notes_, Strings{"sales"});
    EXPECT_EQ(run.asterisk.times_begun("main"), 3U);
}

TEST_F(MenuTest, RepeatsWithoutCostingATry) {
    Menu menu("main");
    menu.on("1", note("sales")).repeat('9').attempts(1);
    run_flow(caller().press("9991", 1s, 3s), menu);
    EXPECT_EQ(notes_, Strings{"sales"});
}

/// futel/asteriskserver#11: a key to go back.
TEST_F(MenuTest, GoesDownAndBack) {
    Menu offers("offers");
    offers.on("1", note("today")).back('*').top('#');
    Menu sales("sales");
    sales.on("2", offers).back('*');
    Menu menu("main");
    menu.on("1", sales).on("3", note("three"));

    const auto down = run_flow(caller().press("121", 1s, 1s), menu);
    EXPECT_EQ(down.result->path, (Strings{"1", "2", "1"}));
    EXPECT_EQ(notes_, Strings{"today"});

    const auto back = run_flow(caller().press("12**3", 1s, 1s), menu);
    EXPECT_EQ(back.result->path, Strings{"3"});
    EXPECT_EQ(back.played(), (Strings{"main", "sales", "offers", "sales", "main"}));

    const auto top = run_flow(caller().press("12#3", 1s, 1s), menu);
    EXPECT_EQ(top.played(), (Strings{"main", "sales", "offers", "main"}));
    EXPECT_EQ(top.result->keys, "3");
}

TEST_F(MenuTest, GoesBackFromTheOutermostMenu) {
    Menu menu("main");
    menu.on("1").back('*');
    EXPECT_EQ(run_flow(caller().press("*", 1s), menu).result->end, AnswerEnd::cancelled);
}

TEST_F(MenuTest, HasAnOperatorEverywhere) {
    Menu own("own");
    own.on("0", note("own"));
    Menu sales("sales");
    sales.on("1", note("offers")).on("2", own);
    Menu menu("main");
    menu.on("1", sales).everywhere("0", note("operator")).otherwise(note("otherwise"));
    run_flow(caller().press("10", 1s, 1s), menu);
    run_flow(caller().press("120", 1s, 1s), menu);
    run_flow(caller().press("1", 1s), menu);  // and then silence, in the menu below
    EXPECT_EQ(notes_, (Strings{"operator", "own", "otherwise"}));
}

TEST_F(MenuTest, GoesWhereAHandlerSays) {
    int rounds = 0;
    const auto again = [&](AGI& call) -> asio::awaitable<Next> {
        co_await call.execute(StreamFile("hours"));
        co_return ++rounds < 3 ? Next::repeat : Next::back;
    };
    Menu below("below");
    below.on("1", again);
    Menu menu("main");
    menu.on("1", below).on("2");
    const auto run = run_flow(
        caller().press_during("below", "1").press_during("main", "1").press_during("main", "2"),
        menu
    );
    EXPECT_EQ(rounds, 3);
    EXPECT_EQ(run.result->keys, "2");
    EXPECT_EQ(
        run.played(),
        (Strings{"main", "below", "hours", "below", "hours", "below", "hours", "main"})
    );
}

TEST_F(MenuTest, EndsWithTheCallerWhereverHeHangsUp) {
    for (const bool sighup : {true, false}) {
        for (auto at = 100ms; at < 12s; at += 300ms) {
            Menu below("below");
            below.on("1", note("x"));
            Menu menu("main");
            menu.on("1", below).otherwise(note("otherwise"));
            auto scenario = caller();
            scenario.press("1", 2500ms).agisighup(sighup).hang_up_after(at);
            const auto run = run_flow(scenario, menu);
            EXPECT_FALSE(run.result) << at.count();
            EXPECT_EQ(run.took, at);
        }
    }
    EXPECT_EQ(notes_, Strings{});
}

TEST_F(MenuTest, RefusesAChoiceThatIsThere) {
    Menu menu("main");
    menu.on("1");
    EXPECT_THROW(menu.on("1"), std::invalid_argument);
    EXPECT_THROW(menu.on("one"), std::invalid_argument);
}

Menu drawn() {
    const auto handler = [](AGI&) -> asio::awaitable<void> { co_return; };
    Menu sales({"for-offers", number(1), "a<b"});
    sales.on("1", handler).back('*');
    Menu menu("main");
    menu.on("1", sales, "sales").on("2X", handler, "room").repeat('9').on_invalid("wrong");
    menu.otherwise(handler, "operator");
    return menu;
}

TEST(MenuDrawing, ShowsTheTreeAsText) {
    EXPECT_EQ(
        to_text(drawn()),
        "menu: main\n"
        "|-- 1  sales: for-offers + SAY NUMBER 1 \"\" + a<b\n"
        "|   |-- 1  handler\n"
        "|   `-- *  back\n"
        "|-- 2X  room\n"
        "|-- 9  repeat\n"
        "|-- invalid  wrong\n"
        "`-- otherwise  operator\n"
    );
}

TEST(MenuDrawing, ShowsTheTreeAsAPicture) {
    const auto svg = to_svg(drawn());
    EXPECT_TRUE(svg.starts_with("<svg xmlns=")) << svg;
    for (const char* text : {">menu: main<", ">2X<", "room", "operator", "a&lt;b"})
        EXPECT_NE(svg.find(text), std::string::npos) << text;
}

TEST(MenuDrawing, ListsSounds) {
    EXPECT_EQ(sounds_of(drawn()), (Strings{"a<b", "for-offers", "main", "wrong"}));
}

}  // namespace
}  // namespace costrix::agi::test
