// SPDX-License-Identifier: MIT
// What PAGI's nodes (test/node/Test_Node.php) and adhearsion's ask and menu (spec/adhearsion/
// call_controller) are tested for, as conversations of ours. The test is named as theirs is.
#include "unit/flows/flow_call.hpp"

#include <costrix/testing/conversation.hpp>

#include <gtest/gtest.h>

namespace costrix::agi::test {
namespace {

using namespace std::chrono_literals;
using testing::Conversation;

/// Runs a flow in a conversation.
template <class Flow>
auto run_in(const Conversation& conversation, const Flow& flow) {
    typename decltype(flow.run(std::declval<AGI&>()))::value_type result{};
    conversation.run([&](AGI& call, const Request&) -> asio::awaitable<void> {
        auto work = flow.run(call);
        result = co_await std::move(work);
    });
    return result;
}

Conversation& plays(Conversation& call, const std::string& file, char key = '\0') {
    const auto result = std::to_string(static_cast<int>(key));
    return call
        .expect_that(
            "plays " + file,
            [file](const Conversation::Words& words) {
                return words.size() > 2 && words[0] == "STREAM" && words[2] == file;
            }
        )
        .caller_waits(500ms)
        .reply("200 result=" + result + " endpos=4000");
}

Conversation& waits(Conversation& call, char key) {
    return call.expect<WaitForDigit>().caller_waits(200ms).reply(
        "200 result=" + std::to_string(static_cast<int>(key))
    );
}

/// "you-have", one digit, which must be above 2: 1 gets sound2, 2 gets sound2 and sound3.
Ask above_two(Prompt::Keys keys) {
    Ask ask("you-have");
    ask.digits(1).attempts(5);
    ask.accept([](std::string_view) { return true; });
    ask.accept([](std::string_view digits) { return digits > "1"; }, Prompt("sound2").keys(keys));
    ask.accept(
        [](std::string_view digits) { return digits > "2"; }, Prompt("sound2", "sound3").keys(keys)
    );
    return ask;
}

TEST(PagiNode, CanExecuteValidators) {
    Conversation call("flow");
    plays(call, "you-have", '1');
    plays(call, "sound2");
    plays(call, "you-have", '2');
    plays(call, "sound2");
    plays(call, "sound3");
    plays(call, "you-have", '3');
    EXPECT_EQ(run_in(call, above_two(Prompt::Keys::interrupt)).digits, "3");
}

TEST(PagiNode, CanExecuteAfterFailedValidation) {
    Conversation call("flow");
    plays(call, "you-have", '1');
    plays(call, "invalid");
    int failed = 0;
    Ask ask("you-have");
    ask.digits(1).attempts(1).message_after_last();
    ask.accept(
        [&](std::string_view) {
            ++failed;
            return false;
        },
        "invalid"
    );
    EXPECT_EQ(run_in(call, ask).end, AnswerEnd::invalid);
    EXPECT_EQ(failed, 1);
}

/// executeBeforeRun, executeAfterRun, executeOnValidInput, executeOnInputFailed and custom data are
/// the code around run() in a coroutine.
TEST(PagiNode, CanExecuteOnValidInputAndOnFailedInput) {
    for (const bool valid : {true, false}) {
        Conversation call("flow");
        plays(call, "you-have", valid ? '1' : '\0');
        if (valid)
            call.expect<WaitForDigit>().caller_waits(1s).caller_presses('2');
        else
            call.expect<WaitForDigit>().caller_is_silent();
        std::string done = "before";
        call.run([&](AGI& agi, const Request&) -> asio::awaitable<void> {
            Ask ask("you-have");
            ask.digits(2).attempts(1);
            const Asked given = co_await ask.run(agi);
            done += given ? ", valid input" : ", input failed";
        });
        EXPECT_EQ(done, valid ? "before, valid input" : "before, input failed");
    }
}

TEST(PagiNode, CanAcceptInputOnPrePromptMessages) {
    Conversation call("flow");
    plays(call, "you-have", '1');
    plays(call, "sound2", '2');
    plays(call, "sound2");
    plays(call, "sound3", '3');
    EXPECT_EQ(run_in(call, above_two(Prompt::Keys::interrupt)).digits, "3");
}

TEST(PagiNode, CanDiscardInputOnPrePromptMessages) {
    Conversation call("flow");
    plays(call, "you-have", '1');
    plays(call, "sound2", '1');
    plays(call, "you-have", '2');
    plays(call, "sound2", '2');
    plays(call, "you-have", '3');
    EXPECT_EQ(run_in(call, above_two(Prompt::Keys::skip)).digits, "3");
}

TEST(PagiNode, CanMakePrePromptMessagesUninterruptable) {
    Conversation call("flow");
    plays(call, "you-have", '1');
    call.expect("STREAM FILE sound2 \"\"").caller_waits(1s).reply("200 result=0 endpos=8000");
    plays(call, "you-have", '3');
    EXPECT_EQ(run_in(call, above_two(Prompt::Keys::drop)).digits, "3");
}

TEST(PagiNode, CanHonorMaxTimeForInput) {
    Conversation call("flow");
    plays(call, "you-have", '1');
    call.expect("WAIT FOR DIGIT 2000").caller_waits(1500ms).reply("200 result=50");
    // PAGI looks at the time between keys only; what is left is the time of the wait.
    call.expect("WAIT FOR DIGIT 2000").caller_waits(2s).reply("200 result=0");
    Ask ask("you-have");
    ask.digits(3).whole(5s).attempts(1);
    EXPECT_EQ(run_in(call, ask).end, AnswerEnd::invalid);
    ask.whole(3s);
    Conversation shorter("flow");
    plays(shorter, "you-have", '1');
    shorter.expect("WAIT FOR DIGIT 2000").caller_waits(1500ms).reply("200 result=50");
    shorter.expect("WAIT FOR DIGIT 1500").caller_waits(1500ms).reply("200 result=0");
    EXPECT_EQ(run_in(shorter, ask).end, AnswerEnd::invalid);
}

TEST(PagiNode, CanPlayOnMaxAttemptsReached) {
    Conversation call("flow");
    for (int i = 0; i < 2; ++i) {
        plays(call, "you-have");
        call.expect<WaitForDigit>().caller_waits(6s).reply("200 result=0");
    }
    plays(call, "max-attempts-reached");
    Ask ask("you-have");
    ask.digits(3, 5).attempts(2).on_failure("max-attempts-reached");
    const auto asked = run_in(call, ask);
    EXPECT_EQ(asked.end, AnswerEnd::silence);
    EXPECT_EQ(asked.silences, 2);
}

TEST(PagiNode, CanCancelAndRetryInput) {
    Conversation call("flow");
    plays(call, "you-have", '1');
    for (const char key : {'2', '3', '*', '4', '5', '6', '#'})
        waits(call, key);
    Ask ask("you-have");
    ask.digits(3, 5).attempts(2).clears_with('*');
    EXPECT_EQ(run_in(call, ask).digits, "456");
}

TEST(PagiNode, CanCancelWithoutRetryingInput) {
    Conversation call("flow");
    plays(call, "you-have", '1');
    for (const char key : {'2', '3', '*'})
        waits(call, key);
    Ask ask("you-have");
    ask.digits(3, 5).attempts(2).cancels_with('*');
    EXPECT_EQ(run_in(call, ask).end, AnswerEnd::cancelled);
}

TEST(PagiNode, CanPlayOnNoInput) {
    for (const bool on_last : {false, true}) {
        Conversation call("flow");
        plays(call, "you-have");
        call.expect<WaitForDigit>().caller_waits(6s).reply("200 result=0");
        plays(call, "try-again");
        plays(call, "you-have");
        call.expect<WaitForDigit>().caller_waits(6s).reply("200 result=0");
        if (on_last)
            plays(call, "try-again");
        Ask ask("you-have");
        ask.attempts(2).on_silence("try-again").message_after_last(on_last);
        EXPECT_EQ(run_in(call, ask).silences, 2);
    }
}

Ask of_four_parts() {
    Ask ask({"you-have", number(12), digits("99"), date_and_time({}, "IMp")});
    ask.digits(3, 5).cancels_with('*');
    return ask;
}

TEST(PagiNode, CanEndInput) {
    Conversation call("flow");
    plays(call, "you-have");
    call.expect<SayNumber>().caller_waits(1s).reply("200 result=0");
    call.expect<SayDigits>().caller_waits(1s).reply("200 result=49");
    for (const char key : {'2', '3', '#'})
        waits(call, key);
    EXPECT_EQ(run_in(call, of_four_parts()).digits, "123");
}

TEST(PagiNode, CanCancelNode) {
    Conversation call("flow");
    plays(call, "you-have");
    call.expect<SayNumber>().caller_waits(1s).reply("200 result=0");
    call.expect<SayDigits>().caller_waits(1s).reply("200 result=42");
    EXPECT_EQ(run_in(call, of_four_parts()).end, AnswerEnd::cancelled);
}

TEST(PagiNode, CanInterruptPrompt) {
    Conversation call("flow");
    call.expect("STREAM FILE you-have 0123456789*#").caller_waits(1s).caller_is_silent();
    call.expect("SAY NUMBER 12 0123456789*#").caller_waits(1s).caller_is_silent();
    call.expect("SAY DIGITS 99 0123456789*#").caller_waits(1s).caller_presses('#');
    Ask ask({"you-have", number(12), digits("99"), date_and_time({}, "IMp")});
    ask.digits(1).keys("0123456789*#").ends_with("");
    EXPECT_EQ(run_in(call, ask).digits, "#");
}

TEST(PagiNode, CanSayPromptInOrder) {
    Conversation call("flow");
    call.expect("STREAM FILE you-have 0123456789").caller_waits(1s).caller_is_silent();
    call.expect("SAY NUMBER 12 0123456789").caller_waits(1s).caller_is_silent();
    call.expect("SAY DIGITS 99 0123456789").caller_waits(1s).caller_is_silent();
    call.expect("SAY DATETIME 0 0123456789 IMp").caller_waits(1s).caller_is_silent();
    call.expect<WaitForDigit>().caller_is_silent();
    Ask ask({"you-have", number(12), digits("99"), date_and_time({}, "IMp")});
    EXPECT_EQ(run_in(call, ask.attempts(1)).end, AnswerEnd::silence);
}

/// The prompt is a value: another one is another object.
TEST(PagiNode, CanClearPromptMessages) {
    Conversation call("flow");
    plays(call, "no-you-dont");
    call.expect<WaitForDigit>().caller_is_silent();
    Prompt prompt("you-have");
    prompt = Prompt("no-you-dont");
    EXPECT_EQ(run_in(call, Ask(prompt).attempts(1)).end, AnswerEnd::silence);
}

/// Ours cannot wait for ever: a caller who is gone unnoticed would hold the call.
TEST(PagiNode, CannotSetInfiniteTimeBetweenDigits) {
    EXPECT_THROW(Ask("you-have").next_key(-1ms), std::invalid_argument);
    Conversation call("flow");
    plays(call, "you-have", '1');
    call.expect("WAIT FOR DIGIT 2147483647").caller_waits(1h).caller_presses('2');
    Ask ask("you-have");
    ask.digits(2).next_key(2147483647ms);
    EXPECT_EQ(run_in(call, ask).digits, "12");
}

TEST(PagiNode, CanSayUninterruptablePrompt) {
    Conversation call("flow");
    call.expect("STREAM FILE you-have \"\"").caller_waits(1s).reply("200 result=0 endpos=8000");
    call.expect("SAY NUMBER 12 \"\"").caller_waits(1s).reply("200 result=0");
    call.expect("SAY DIGITS 99 \"\"").caller_waits(1s).reply("200 result=0");
    call.expect("SAY DATETIME 0 \"\" IMp").caller_waits(1s).reply("200 result=0");
    call.expect<WaitForDigit>().caller_waits(6s).reply("200 result=0");
    Prompt prompt("you-have", number(12), digits("99"), date_and_time({}, "IMp"));
    Ask ask(prompt.keys(Prompt::Keys::drop));
    ask.attempts(1);
    EXPECT_EQ(run_in(call, ask).end, AnswerEnd::silence);
}

TEST(PagiNode, CanSetTimeBetweenDigits) {
    Conversation call("flow");
    plays(call, "you-have", '1');
    call.expect("WAIT FOR DIGIT 1052").caller_waits(1s).reply("200 result=50");
    Ask ask("you-have");
    ask.digits(2).next_key(1052ms);
    EXPECT_EQ(run_in(call, ask).digits, "12");
}

TEST(AdhearsionAsk, BuffersUntilTheLimitTheTerminatorOrTheBlock) {
    const auto given = [](Ask& ask, const char* keys) {
        return run_flow(caller().press(keys, 3s), ask).result->digits;
    };
    Ask limited("press");
    limited.digits(3);
    EXPECT_EQ(given(limited, "242"), "242");
    Ask terminated("press");
    terminated.ends_with('#');
    EXPECT_EQ(given(terminated, "24#"), "24");
    Ask until("press");
    until.ends_when([](const std::string& digits) { return digits == "242"; });
    EXPECT_EQ(given(until, "2425"), "242");
}

TEST(AdhearsionAsk, TimesOut) {
    Ask ask({"press", "button"});
    ask.attempts(1);
    EXPECT_EQ(run_flow(caller(), ask).result->end, AnswerEnd::silence);
}

/// "when the menu is not interruptible": play, then wait for a digit.
TEST(AdhearsionInput, PlaysTheSoundFilesAndWaitsForDigitWhenNotInterruptible) {
    Conversation call("flow");
    call.expect("STREAM FILE press \"\"").caller_waits(1s).caller_is_silent();
    call.expect("STREAM FILE button \"\"").caller_waits(1s).caller_is_silent();
    call.expect("WAIT FOR DIGIT 5000").caller_waits(1s).caller_presses('1');
    Menu menu(Prompt("press", "button").keys(Prompt::Keys::drop));
    menu.on("1").first_key(5s);
    EXPECT_EQ(run_in(call, menu).keys, "1");
}

/// Its timeout, invalid and failure hooks, and the payload that the menu jumps to.
TEST(AdhearsionInput, ExecutesItsHooksAndJumpsToPayload) {
    std::string extension;
    Menu menu({"press", "button"});
    menu.on("[14]", [&](AGI&, std::string keys) -> asio::awaitable<void> {  // a list
        extension = keys;
        co_return;
    });
    menu.on_silence("timeout").on_invalid("invalid").on_failure("failure").attempts(3);
    const auto failed = run_flow(caller().press("7", 5s), menu);
    EXPECT_EQ(
        failed.played(),
        (Strings{
            "press",
            "button",
            "invalid",
            "press",
            "button",
            "timeout",
            "press",
            "button",
            "failure"})
    );
    EXPECT_FALSE(*failed.result);
    EXPECT_TRUE(*run_flow(caller().press("4", 5s), menu).result);
    EXPECT_EQ(extension, "4");
}

/// 1, 21, 23, 3, 3..5, 33, 6, 6..8.
Menu with_many_matches(Strings& notes) {
    const auto note = [&notes](const char* name) {
        return [&notes, name](AGI&) -> asio::awaitable<void> {
            notes.emplace_back(name);
            co_return;
        };
    };
    Menu menu({"press", "button"});
    menu.on("1", note("A")).on("21", note("A")).on("23", note("A")).on("3", note("B"));
    menu.on(KeyPattern::range(3, 5), note("C")).on("33", note("A")).on("6", note("C"));
    menu.on(KeyPattern::range(6, 8), note("A")).attempts(1);
    return menu;
}

TEST(AdhearsionMenu, Continue) {
    const auto chosen = [](const char* keys) {
        Strings notes;
        auto scenario = caller();
        const auto run = run_flow(scenario.press(keys, 5s), with_many_matches(notes));
        return (notes.empty() ? "none" : notes.front()) + " " + run.result->keys;
    };
    EXPECT_EQ(chosen("21"), "A 21");  // asks for another digit if it has potential matches
    EXPECT_EQ(chosen("9"), "none ");  // invalid if there are no matches
    EXPECT_EQ(chosen("3"), "B 3");    // the first exact match, when there are potential ones
    EXPECT_EQ(chosen("33"), "A 33");
    EXPECT_EQ(chosen("6"), "C 6");  // the first exact match
    EXPECT_EQ(chosen("4"), "C 4");
    EXPECT_EQ(chosen("7"), "A 7");
}

}  // namespace
}  // namespace costrix::agi::test
