// SPDX-License-Identifier: MIT
// Ask and Confirm: keys, times, tries, checks, on virtual time.
#include "unit/flows/flow_call.hpp"

#include <costrix/testing/conversation.hpp>

#include <gtest/gtest.h>

#include <stdexcept>

namespace costrix::agi::test {
namespace {

using namespace std::chrono_literals;

Ask pin_of_four() {
    Ask ask("enter-pin");
    ask.digits(4).first_key(5s).next_key(2s);
    return ask;
}

/// instedd/verboice#515: keys before the prompt has ended.
TEST(Ask, TakesKeysDuringThePrompt) {
    const auto run = run_flow(caller().press_during("enter-pin", "1234"), pin_of_four());
    EXPECT_TRUE(*run.result);
    EXPECT_EQ(run.result->digits, "1234");
    EXPECT_EQ(run.took, 600ms + 3 * 250ms);  // the fourth digit ends it
}

TEST(Ask, TakesKeysAfterThePrompt) {
    const auto run = run_flow(caller().press("0070", 4s), pin_of_four());
    EXPECT_EQ(run.result->digits, "0070");
}

/// zaf/asterisk-googletts#43: a key during several prompts in a row.
TEST(Ask, CutsShortAllPartsThatAreLeft) {
    Ask ask({"one", number(3), "two", letters("ab"), "three"});
    const auto run = run_flow(caller().press_during("two", "7#"), ask);
    EXPECT_EQ(run.result->digits, "7");
    EXPECT_EQ(run.played(), (Strings{"one", "two"}));
    EXPECT_EQ(run.asterisk.texts(EventKind::said), Strings{"3"});
}

TEST(Ask, SpeaksEveryKindOfPart) {
    const auto when = std::chrono::system_clock::time_point(1'700'000'000s);
    const Prompt own([](AGI& call, std::string keys) -> asio::awaitable<std::optional<char>> {
        StreamFile file("own");
        file.escape_digits(keys);
        const auto played = co_await call.execute(file);
        co_return played.key;
    });
    Ask ask(
        {"file",
         number(105),
         digits("105"),
         digits("1*5"),
         letters("ab"),
         phonetic("ab"),
         date(when),
         time_of_day(when),
         date_and_time(when, "IMp"),
         pause(1s),
         amount(1250, "euros", "cents", "and"),
         own,
         Exec("Playback", "played-by-exec")}
    );
    ask.attempts(1).first_key(1s);
    const auto run = run_flow(caller(), ask);
    EXPECT_EQ(run.result->end, AnswerEnd::silence);
    EXPECT_EQ(run.played(), (Strings{"file", "euros", "and", "cents", "own", "played-by-exec"}));
    EXPECT_EQ(
        run.asterisk.texts(EventKind::said),
        (Strings{
            "105", "105", "1*5", "ab", "ab", "1700000000", "1700000000", "1700000000", "12", "50"})
    );
}

TEST(Ask, CanBeInterruptedInEveryKindOfPart) {
    for (const Prompt& part :
         {Prompt(number(105)),
          Prompt(digits("105")),
          Prompt(letters("ab")),
          Prompt(pause(10s)),
          Prompt(Exec("BackGround", "x"))}) {
        Ask ask({part, "rest"});
        ask.digits(1);
        const auto run = run_flow(caller().press("6", 300ms), ask);
        EXPECT_EQ(run.result->digits, "6");
        EXPECT_EQ(run.asterisk.times_begun("rest"), 0U);
        EXPECT_EQ(run.took, 400ms);
    }
}

/// instedd/surveda#324, #636: asks three times, also a silent caller, and then gives up.
TEST(Ask, IsOverAtASilentCaller) {
    auto ask = pin_of_four();
    ask.attempts(2).on_silence("please-enter").on_invalid("wrong").on_failure("goodbye");
    const auto run = run_flow(caller(), ask);
    EXPECT_EQ(run.result->end, AnswerEnd::silence);
    EXPECT_EQ(run.result->silences, 2);
    EXPECT_EQ(run.result->digits, "");
    EXPECT_EQ(run.played(), (Strings{"enter-pin", "please-enter", "enter-pin", "goodbye"}));
    EXPECT_EQ(run.took, 2s + 5s + 4s + 5s + 2s);
}

TEST(Ask, TellsSilenceFromWrongAnswers) {
    auto ask = pin_of_four();
    ask.attempts(3).on_silence("please-enter").on_invalid("wrong").on_failure("goodbye");
    ask.accept([](std::string_view digits) { return digits == "1234"; });
    const auto run = run_flow(
        caller()
            .press_during("enter-pin", "")
            .press_during("enter-pin", "9999")
            .press_during("enter-pin", "1234"),
        ask
    );
    EXPECT_EQ(run.result->end, AnswerEnd::given);
    EXPECT_EQ(run.result->silences, 1);
    EXPECT_EQ(run.result->wrong_answers, 1);
    EXPECT_EQ(
        run.played(), (Strings{"enter-pin", "please-enter", "enter-pin", "wrong", "enter-pin"})
    );
}

TEST(Ask, SaysWhatWasWrongAfterTheLastTryAsWellIfWished) {
    auto ask = pin_of_four();
    ask.attempts(1).on_silence("please-enter").on_failure("goodbye").message_after_last();
    EXPECT_EQ(run_flow(caller(), ask).played(), (Strings{"enter-pin", "please-enter", "goodbye"}));
}

TEST(Ask, CountsSilencesAndWrongAnswersApart) {
    auto ask = pin_of_four();
    ask.attempts(10).silences(2).wrong_answers(3).accept([](std::string_view) { return false; });
    const auto silent = run_flow(caller(), ask);
    EXPECT_EQ(silent.result->end, AnswerEnd::silence);
    EXPECT_EQ(silent.result->silences, 2);
    const auto wrong = run_flow(caller().press_during("enter-pin", "1111"), ask);
    EXPECT_EQ(wrong.result->end, AnswerEnd::invalid);
    EXPECT_EQ(wrong.result->wrong_answers, 3);
}

TEST(Ask, ForgivesTheFirstWrongAnswersIfWished) {
    auto ask = pin_of_four();
    ask.attempts(1).free_wrong_answers(2).accept([](std::string_view) { return false; });
    const auto run = run_flow(caller().press_during("enter-pin", "1111"), ask);
    EXPECT_EQ(run.result->wrong_answers, 3);
}

TEST(Ask, TakesTheFirstKeyOfATryFromTheMessageBeforeIt) {
    auto ask = pin_of_four();
    ask.on_silence("please-enter");
    const auto run = run_flow(caller().press_during("please-enter", "1234"), ask);
    EXPECT_EQ(run.result->digits, "1234");
    EXPECT_EQ(run.played(), (Strings{"enter-pin", "please-enter"}));
}

TEST(Ask, PlaysAMessageToItsEndIfWished) {
    auto ask = pin_of_four();
    ask.on_silence(Prompt("please-enter").keys(Prompt::Keys::drop));
    const auto run = run_flow(
        caller()
            .press_during("please-enter", "9999")
            .press_during("enter-pin", "")
            .press_during("enter-pin", "1234"),
        ask
    );
    EXPECT_EQ(run.result->digits, "1234");
    EXPECT_EQ(run.played(), (Strings{"enter-pin", "please-enter", "enter-pin"}));
}

TEST(Ask, KeepsOrDropsTheKeysOfAPromptThatPlaysOut) {
    const auto asked = [](Prompt::Keys keys) {
        Ask ask(Prompt("part-one", "part-two").keys(keys));
        ask.digits(4).attempts(1).first_key(1s);
        return run_flow(caller().press("12", 300ms).press("34", 2500ms), ask);
    };
    const auto kept = asked(Prompt::Keys::keep);
    EXPECT_EQ(kept.result->digits, "1234");
    EXPECT_GT(kept.took, 3900ms);  // both files to their ends, but for a frame at each key
    const auto dropped = asked(Prompt::Keys::drop);
    EXPECT_EQ(dropped.result->end, AnswerEnd::silence);
    EXPECT_EQ(dropped.took, 5s);
}

TEST(Ask, EndsAnAnswerByAnEndKey) {
    Ask ask("amount");
    ask.digits(1, 6).ends_with("#*");
    EXPECT_EQ(run_flow(caller().press("12#", 3s), ask).result->digits, "12");
    EXPECT_EQ(run_flow(caller().press("12*", 3s), ask).result->digits, "12");
}

TEST(Ask, TakesTheTimeForAnEnd) {
    Ask ask("amount");
    ask.digits(1, 6).next_key(3s).ends_with("");
    const auto run = run_flow(caller().press("12", 3s), ask);
    EXPECT_EQ(run.result->digits, "12");
    EXPECT_EQ(run.took, 3s + 100ms + 250ms + 3s);
}

TEST(Ask, FindsAnAnswerThatIsTooShortWrong) {
    Ask ask("amount");
    ask.digits(3, 6).attempts(1);
    EXPECT_EQ(run_flow(caller().press("12#", 3s), ask).result->end, AnswerEnd::invalid);
    EXPECT_EQ(run_flow(caller().press("12", 3s), ask).result->end, AnswerEnd::invalid);
    EXPECT_EQ(run_flow(caller().press("#", 3s), ask).result->end, AnswerEnd::invalid);
}

/// In PAGI both are COMPLETE, without input.
TEST(Ask, TellsAnEmptyAnswerFromSilence) {
    Ask ask("amount");
    ask.digits(0, 6).attempts(1);
    const auto empty = run_flow(caller().press("#", 1s), ask);
    EXPECT_EQ(empty.result->end, AnswerEnd::given);
    EXPECT_EQ(empty.result->digits, "");
    EXPECT_EQ(run_flow(caller(), ask).result->end, AnswerEnd::silence);
}

/// tropo-agitate#3: `*` counts as a key.
TEST(Ask, TakesAStarForADigitIfWished) {
    Ask ask("code");
    ask.digits(4).keys("0123456789*");
    EXPECT_EQ(run_flow(caller().press("*12*", 3s), ask).result->digits, "*12*");
}

/// adhearsion#242: a key outside of the grammar stopped the prompt.
TEST(Ask, IgnoresKeysThatMeanNothing) {
    auto ask = pin_of_four();
    ask.attempts(1);
    const auto during = run_flow(caller().press_during("enter-pin", "*").press("1*23A4", 3s), ask);
    EXPECT_EQ(during.result->digits, "1234");
    EXPECT_EQ(during.played(), Strings{"enter-pin"});
    // They do not prolong the time either.
    EXPECT_EQ(run_flow(caller().press("****", 3s, 1s), ask).took, 7s);
}

TEST(Ask, CancelsAtOnce) {
    auto ask = pin_of_four();
    ask.cancels_with('*');
    const auto run = run_flow(caller().press("12*", 3s), ask);
    EXPECT_EQ(run.result->end, AnswerEnd::cancelled);
    EXPECT_EQ(run.result->digits, "");
    EXPECT_EQ(run_flow(caller().press("*", 1s), ask).took, 1100ms);  // during the prompt
}

TEST(Ask, ClearsFirstAndLeavesThenIfWished) {
    auto ask = pin_of_four();
    ask.clears_with('*');
    EXPECT_EQ(run_flow(caller().press("12*3456", 3s), ask).result->digits, "3456");
    EXPECT_EQ(run_flow(caller().press("12**", 3s), ask).result->end, AnswerEnd::cancelled);
}

/// PAGI looks at the whole time between two keys only.
TEST(Ask, LimitsTheWholeAnswerWhateverItsKeysDo) {
    auto ask = pin_of_four();
    ask.next_key(4s).whole(6s).attempts(1);
    // Keys at 3, 6 and 9 s: the answer is due 6 s after the prompt, in the middle of a wait.
    const auto run = run_flow(caller().press("123", 3s, 3s), ask);
    EXPECT_EQ(run.result->end, AnswerEnd::invalid);
    EXPECT_EQ(run.took, 8s);
}

/// jambonz-feature-server#282: a barge-in ended the timer between digits.
TEST(Ask, KeepsTheTimeForTheNextKeyAfterAnInterruption) {
    auto ask = pin_of_four();
    ask.attempts(1);
    const auto run = run_flow(caller().press_during("enter-pin", "1"), ask);
    EXPECT_EQ(run.result->end, AnswerEnd::invalid);
    EXPECT_EQ(run.took, 600ms + 2s);
}

TEST(Ask, LeavesAnEndKeyThatComesLateOutOfTheNextQuestion) {
    std::vector<AnswerEnd> ends;
    auto handler = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        for (int i = 0; i < 2; ++i) {
            const auto ask = pin_of_four();
            const Asked given = co_await ask.run(call);
            ends.push_back(given.end);
        }
    };
    auto scenario = caller();
    scenario.press_during("enter-pin", "1234#");
    const auto asterisk = testing::run_call(scenario, handler);
    EXPECT_EQ(ends, (std::vector<AnswerEnd>{AnswerEnd::given, AnswerEnd::given}));
    EXPECT_EQ(asterisk.times_begun("enter-pin"), 2U);
}

/// Asks twice in one call; what came of both.
std::vector<Asked> ask_twice(Scenario scenario, const Ask& ask) {
    std::vector<Asked> both;
    auto handler = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        for (int i = 0; i < 2; ++i) {
            auto work = ask.run(call);
            both.push_back(co_await std::move(work));
        }
    };
    testing::run_call(std::move(scenario), handler);
    return both;
}

/// adhearsion#260: a barge-in answered the next question too.
TEST(Ask, TakesAnInterruptingKeyForOneQuestionOnly) {
    Ask ask("press-a-key");
    ask.digits(1).attempts(1);
    const auto both = ask_twice(caller().press("5", 500ms), ask);
    EXPECT_EQ(both[0].digits, "5");
    EXPECT_EQ(both[1].end, AnswerEnd::silence);
}

/// kazoo PR#1198: early keys must be used, and then purged.
TEST(Ask, UsesEarlyKeysAndDropsWhatIsTooMuch) {
    Ask ask(Prompt("press-keys").keys(Prompt::Keys::keep));
    ask.digits(2).attempts(1);
    const auto both = ask_twice(caller().press("1234", 300ms), ask);
    EXPECT_EQ(both[0].digits, "12");
    EXPECT_EQ(both[1].end, AnswerEnd::silence);
}

/// adhearsion#345, #531: waits without a time-out.
TEST(Ask, WaitsForNothingWithoutAnEnd) {
    auto ask = pin_of_four();
    ask.next_key(24h).whole(30s).attempts(2);
    const auto run = run_flow(caller().press("1", 3s), ask);
    for (const auto& command : run.asterisk.texts(EventKind::command))
        EXPECT_FALSE(command.starts_with("WAIT FOR DIGIT -1")) << command;
    EXPECT_LT(run.took, 2min);
}

TEST(Ask, ChecksInOrderEachWithItsOwnMessage) {
    int checked = 0;
    auto ask = pin_of_four();
    ask.on_invalid("wrong")
        .accept([](const std::string& digits) { return digits[0] == '1'; }, "first-digit")
        .accept([&](std::string) { return ++checked == 2; });
    const auto run =
        run_flow(caller().press_during("enter-pin", "9999").press_during("enter-pin", "1234"), ask);
    EXPECT_EQ(run.result->end, AnswerEnd::given);
    EXPECT_EQ(checked, 2);
    EXPECT_EQ(
        run.played(), (Strings{"enter-pin", "first-digit", "enter-pin", "wrong", "enter-pin"})
    );
}

TEST(Ask, AwaitsACheckWhileAPromptPlays) {
    AGI* present = nullptr;
    Asked given;
    auto handler = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        present = &call;
        auto ask = pin_of_four();
        ask.while_checking("please-hold").accept([&](std::string digits) -> asio::awaitable<bool> {
            co_await present->sleep_for(1s);
            co_return digits == "1234";
        });
        given = co_await ask.run(call);
    };
    auto scenario = caller();
    scenario.press_during("enter-pin", "1234");
    const auto asterisk = testing::run_call(scenario, handler);
    EXPECT_TRUE(given);
    EXPECT_EQ(
        asterisk.texts(EventKind::dropped), Strings{"STREAM FILE"}
    );  // please-hold, after 1 s
    EXPECT_EQ(asterisk.now(), 600ms + 750ms + 1s);
}

TEST(Ask, CancelsACheckWhenTheCallerHangsUp) {
    for (const std::string hold : {"", "please-hold"}) {
        bool ended = false, cancelled = false;
        auto handler = [&](AGI& call, const Request&) -> asio::awaitable<void> {
            auto ask = pin_of_four();
            ask.while_checking(hold).accept([&](std::string) -> asio::awaitable<bool> {
                try {
                    co_await call.sleep_for(1h);
                } catch (const system_error& error) {
                    cancelled = error.code() == asio::error::operation_aborted;
                    throw;
                }
                co_return true;
            });
            co_await ask.run(call);
            ended = true;
        };
        auto scenario = caller();
        scenario.press_during("enter-pin", "1234").hang_up_after(2s);
        const auto asterisk = testing::run_call(scenario, handler);
        EXPECT_TRUE(cancelled);
        EXPECT_FALSE(ended);
        EXPECT_EQ(asterisk.now(), 2s);
    }
}

TEST(Ask, AsksForAConfirmation) {
    auto ask = pin_of_four();
    ask.confirm([](const std::string& entered) {
        return Confirm({"you-entered", digits(entered), "press-1-or-2"});
    });
    const auto run = run_flow(
        caller()
            .press_during("enter-pin", "1234")
            .press_during("enter-pin", "5678")
            .press_during("press-1-or-2", "2")
            .press_during("press-1-or-2", "1"),
        ask
    );
    EXPECT_EQ(run.result->digits, "5678");
    EXPECT_EQ(run.asterisk.texts(EventKind::said), (Strings{"1234", "5678"}));
}

/// PAGI sends a WAIT FOR DIGIT for each key, whatever the prompt.
TEST(Ask, AsksByOneGetDataWhereThatIsTheSame) {
    testing::Conversation call("flow");
    call.expect("GET DATA code 5000 6").caller_waits(3s).reply("200 result= (timeout)");
    call.expect("STREAM FILE again \"\"").caller_waits(1s).reply("200 result=0 endpos=8000");
    call.expect("GET DATA code 5000 6").caller_waits(3s).reply("200 result=12*");
    Asked given;
    call.run([&](AGI& agi, const Request&) -> asio::awaitable<void> {
        Ask ask("code");
        ask.digits(0, 6).keys("0123456789*").first_key(5s).next_key(5s);
        ask.on_silence(Prompt("again").keys(Prompt::Keys::drop));
        given = co_await ask.run(agi);
    });
    EXPECT_EQ(given.digits, "12*");
    EXPECT_EQ(given.silences, 1);
}

/// The same caller, asked by GET DATA and key by key: the same outcome, at the same time.
TEST(Ask, HasTheSameOutcomeByGetDataAndByKeys) {
    for (const std::string keys : {"", "#", "12#", "123456", "*1", "1", "12345#"}) {
        for (const auto at : {500ms, 3000ms}) {
            Ask one("code");
            one.digits(0, 6).keys("0123456789*").first_key(3s).next_key(3s).attempts(1);
            Ask other(one);
            other.whole(1h);
            auto scenario = caller();
            if (!keys.empty())
                scenario.press(keys, at);
            const auto by_get_data = run_flow(scenario, one);
            const auto by_keys = run_flow(scenario, other);
            EXPECT_EQ(by_get_data.result->end, by_keys.result->end) << keys;
            EXPECT_EQ(by_get_data.result->digits, by_keys.result->digits) << keys;
            EXPECT_EQ(by_get_data.took, by_keys.took) << keys;
        }
    }
}

TEST(Ask, RefusesWhatMakesNoSense) {
    EXPECT_THROW(Ask("x").digits(0), std::invalid_argument);
    EXPECT_THROW(Ask("x").digits(5, 4), std::invalid_argument);
    EXPECT_THROW(Ask("x").digits(1024), std::invalid_argument);
    EXPECT_THROW(Ask("x").attempts(0), std::invalid_argument);
    EXPECT_THROW(Ask("x").first_key(0ms), std::invalid_argument);
    EXPECT_THROW(Ask("x").ends_with('x'), std::invalid_argument);
    auto handler = [](AGI& call, const Request&) -> asio::awaitable<void> {
        Ask ask("x");
        ask.cancels_with('#');
        co_await ask.run(call);
    };
    try {
        testing::run_call(caller(), handler);
        FAIL();
    } catch (const std::invalid_argument& error) {
        EXPECT_STREQ(error.what(), "Ask: the key # is among both ends_with and cancels_with");
    }
}

TEST(Ask, EndsWithAMissingFile) {
    auto scenario = caller();
    scenario.without_sound("enter-pin");
    EXPECT_THROW(run_flow(scenario, pin_of_four()), AGIAppError);
}

TEST(Ask, EndsWithTheCallerWhereverHeHangsUp) {
    for (const bool sighup : {true, false}) {
        for (auto at = 100ms; at < 24s; at += 300ms) {
            auto ask = pin_of_four();
            ask.on_silence({"please", number(3), pause(1s), "enter"}).on_failure("goodbye");
            auto scenario = caller();
            scenario.agisighup(sighup).hang_up_after(at);
            const auto run = run_flow(scenario, ask);
            EXPECT_FALSE(run.result) << at.count();
            EXPECT_EQ(run.took, at) << sighup;
        }
    }
}

TEST(Ask, StopsWhenItIsCancelled) {
    for (const auto at : {100ms, 2500ms, 7500ms}) {  // the prompt, a wait, the message
        auto handler = [&](AGI& call, const Request&) -> asio::awaitable<void> {
            auto ask = pin_of_four();
            ask.on_silence("please-enter");
            auto asking = ask.run(call);
            const auto first = co_await race(std::move(asking), call.sleep_for(at));
            EXPECT_EQ(first.index(), 1U);
        };
        EXPECT_EQ(testing::run_call(caller(), handler).now(), at);
    }
}

TEST(Confirm, TakesYesAndNo) {
    Confirm keep("keep");
    EXPECT_TRUE(*run_flow(caller().press("1", 1s), keep).result);
    const auto no = run_flow(caller().press("2", 3s), keep);
    EXPECT_FALSE(*no.result);
    EXPECT_EQ(no.result->end, AnswerEnd::given);
    keep.yes('9').no('0');
    EXPECT_TRUE(*run_flow(caller().press("9", 1s), keep).result);
}

TEST(Confirm, TellsSilenceFromWrongKeys) {
    Confirm keep("keep");
    keep.attempts(2).on_invalid("wrong").on_failure("goodbye");
    EXPECT_EQ(run_flow(caller(), keep).result->end, AnswerEnd::silence);
    const auto wrong = run_flow(caller().press("5", 3s).press("6", 9s), keep);
    EXPECT_EQ(wrong.result->end, AnswerEnd::invalid);
    EXPECT_EQ(wrong.played(), (Strings{"keep", "wrong", "keep", "goodbye"}));
}

TEST(Confirm, RefusesOneKeyForBoth) {
    Confirm keep("keep");
    keep.no('1');
    EXPECT_THROW(run_flow(caller(), keep), std::invalid_argument);
}

}  // namespace
}  // namespace costrix::agi::test
