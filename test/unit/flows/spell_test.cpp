// SPDX-License-Identifier: MIT
// Spell: a text from keys that are pressed once or several times.
#include "unit/flows/flow_call.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace costrix::agi::test {
namespace {

using namespace std::chrono_literals;

std::string spelled(const Scenario& scenario, const Spell& spell) {
    return run_flow(scenario, spell).result->text;
}

TEST(Spell, MakesLettersOfPresses) {
    const Spell name("spell");
    EXPECT_EQ(spelled(caller().press("2#", 3s), name), "A");
    EXPECT_EQ(spelled(caller().press("222#", 3s), name), "C");
    EXPECT_EQ(spelled(caller().press("2222#", 3s), name), "2");
    EXPECT_EQ(spelled(caller().press("22222#", 3s), name), "A");
    EXPECT_EQ(spelled(caller().press("5266#", 3s), name), "JAN");
    EXPECT_EQ(spelled(caller().press("526603#", 3s), name), "JAN D");
    EXPECT_EQ(spelled(caller().press("9999111#", 3s), name), "Z_");
}

TEST(Spell, BeginsANewLetterAfterAPause) {
    const Spell name("spell");
    EXPECT_EQ(spelled(caller().press("2", 3s).press("2", 4500ms).press("#", 5s), name), "AA");
    EXPECT_EQ(spelled(caller().press("2", 3s).press("2", 3900ms).press("#", 5s), name), "B");
}

TEST(Spell, EndsByTheTime) {
    const auto run = run_flow(caller().press("2", 3s), Spell("spell"));
    EXPECT_EQ(run.result->text, "A");
    EXPECT_EQ(run.took, 3100ms + 4s);
}

TEST(Spell, Erases) {
    const Spell name("spell");
    EXPECT_EQ(spelled(caller().press("23*2#", 3s), name), "AA");
    const auto left = run_flow(caller().press("2**", 3s), name);
    EXPECT_EQ(left.result->end, AnswerEnd::cancelled);
}

TEST(Spell, TakesNoMoreLettersThanItMay) {
    Spell name("spell");
    name.letters(2, 3);
    EXPECT_EQ(spelled(caller().press("234566#", 3s), name), "ADG");
    name.attempts(1);
    EXPECT_EQ(run_flow(caller().press("2#", 3s), name).result->end, AnswerEnd::invalid);
}

TEST(Spell, IsConfirmedAndChecked) {
    Spell name("spell");
    name.accept([](std::string_view text) { return text == "JAN"; });
    name.confirm([](const std::string& text) { return Confirm({letters(text), "1-or-2"}); });
    const auto run = run_flow(
        caller()
            .press_during("spell", "52#")
            .press_during("spell", "5266#")
            .press_during("1-or-2", "1"),
        name
    );
    EXPECT_EQ(run.result->text, "JAN");
    EXPECT_EQ(run.asterisk.texts(EventKind::said), (Strings{"JA", "JAN"}));
}

TEST(Spell, IsOverAtASilentCaller) {
    Spell name("spell");
    name.attempts(2).on_silence("still-there");
    const auto run = run_flow(caller(), name);
    EXPECT_EQ(run.result->end, AnswerEnd::silence);
    EXPECT_EQ(run.played(), (Strings{"spell", "still-there", "spell"}));
}

TEST(Spell, RefusesWhatMakesNoSense) {
    EXPECT_THROW(Spell("x").letters(0, 4), std::invalid_argument);
    EXPECT_THROW(Spell("x").letters(4, 3), std::invalid_argument);
    Spell name("x");
    name.erases_with("#");
    EXPECT_THROW(run_flow(caller(), name), std::invalid_argument);
}

}  // namespace
}  // namespace costrix::agi::test
