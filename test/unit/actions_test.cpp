// SPDX-License-Identifier: MIT
// Every action: what it sends, what it makes of a reply, what it refuses.
#include "support/all_actions.hpp"

#include <gtest/gtest.h>

#include <string>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;

using test::parse;

TEST(Actions, SendTheseLines) {
    EXPECT_EQ(to_string(Answer()), "ANSWER");
    EXPECT_EQ(to_string(Hangup()), "HANGUP");
    EXPECT_EQ(to_string(Hangup("PJSIP/1-2")), "HANGUP \"PJSIP/1-2\"");
    EXPECT_EQ(to_string(Noop()), "NOOP");
    EXPECT_EQ(to_string(Noop("a b")), "NOOP \"a b\"");
    EXPECT_EQ(to_string(Verbose("x")), "VERBOSE \"x\" 1");
    EXPECT_EQ(to_string(Verbose("x", 4)), "VERBOSE \"x\" 4");
    EXPECT_EQ(to_string(GetVariable("CALLERID(num)")), "GET VARIABLE \"CALLERID(num)\"");
    EXPECT_EQ(to_string(GetFullVariable("${A}")), "GET FULL VARIABLE \"${A}\"");
    EXPECT_EQ(
        to_string(GetFullVariable("${A}").channel("Local/1")),
        "GET FULL VARIABLE \"${A}\" \"Local/1\""
    );
    EXPECT_EQ(to_string(SetVariable("A", "b \"c\"")), "SET VARIABLE \"A\" \"b \\\"c\\\"\"");
    EXPECT_EQ(to_string(StreamFile("welcome")), "STREAM FILE \"welcome\" \"\"");
    EXPECT_EQ(
        to_string(StreamFile("welcome").escape_digits("12#").offset(800)),
        "STREAM FILE \"welcome\" \"12#\" 800"
    );
    EXPECT_EQ(to_string(GetData("pin")), "GET DATA \"pin\" 0 1023");
    EXPECT_EQ(to_string(GetData("pin").timeout(5s).max_digits(4)), "GET DATA \"pin\" 5000 4");
    EXPECT_EQ(to_string(WaitForDigit()), "WAIT FOR DIGIT -1");
    EXPECT_EQ(to_string(WaitForDigit(2s)), "WAIT FOR DIGIT 2000");
    EXPECT_EQ(to_string(SayDigits("007")), "SAY DIGITS \"007\" \"\"");
    EXPECT_EQ(to_string(SayNumber(-12).escape_digits("#")), "SAY NUMBER -12 \"#\"");
    EXPECT_EQ(to_string(SayNumber(1).gender('f')), "SAY NUMBER 1 \"\" \"f\"");
    EXPECT_EQ(to_string(Exec("NoOp")), "EXEC \"NoOp\"");
    EXPECT_EQ(
        to_string(Exec("Dial", "PJSIP/100", "30", std::string("g"))),
        "EXEC \"Dial\" \"PJSIP/100,30,g\""
    );
    EXPECT_EQ(to_string(Exec("Set", "")), "EXEC \"Set\" \"\"");
}

TEST(Actions, RefuseWrongArgumentsByName) {
    EXPECT_EQ(to_string(Verbose("x", 5)), "!level is 5, not 1 to 4");
    EXPECT_EQ(to_string(GetData("x").timeout(0ms)), "!timeout is not positive");
    EXPECT_EQ(to_string(GetData("x").max_digits(1024)), "!max_digits is 1024, not 1 to 1023");
    EXPECT_EQ(to_string(WaitForDigit(-1ms)), "!timeout is negative");
    EXPECT_EQ(to_string(StreamFile("x").offset(-1)), "!offset is negative");
    EXPECT_EQ(to_string(SayDigits("1*")), "!digits is not a sequence of 0-9");
    EXPECT_EQ(to_string(SayNumber(1).gender('x')), "!gender is not one of f, m, n, c");
    EXPECT_EQ(
        to_string(StreamFile("x").escape_digits("x")),
        "!escape_digits holds 'x', which is not one of 0-9, *, #, A-D"
    );
    EXPECT_EQ(
        to_string(SetVariable("A", "x\nHANGUP")),
        "!value holds a line feed at byte 1, which no AGI command can carry"
    );
    EXPECT_EQ(to_string(Exec("")), "!application is empty");
}

TEST(Actions, GiveKeysAsCharacters) {
    EXPECT_EQ(parse<WaitForDigit>("200 result=0"), std::nullopt);
    EXPECT_EQ(parse<WaitForDigit>("200 result=42"), '*');
    EXPECT_EQ(parse<SayNumber>("200 result=35"), '#');
    EXPECT_EQ(parse<SayDigits>("200 result=0"), std::nullopt);
    EXPECT_THROW(parse<SayDigits>("200 result=-1"), AGIAppError);
    EXPECT_THROW(parse<WaitForDigit>("200 result=x"), AGIUnknownError);
    const auto stopped = parse<StreamFile>("200 result=53 endpos=7360");
    EXPECT_EQ(stopped.key, '5');
    EXPECT_EQ(stopped.endpos, 7360);
    EXPECT_EQ(parse<StreamFile>("200 result=0 endpos=3520").key, std::nullopt);
    EXPECT_THROW(parse<StreamFile>("200 result=-1 endpos=0"), AGIAppError);
}

TEST(Actions, GiveDigitsAsText) {
    struct Case {
        const char* reply;
        const char* digits;
        bool timed_out;
    };
    const Case cases[] = {
        {"200 result=0012", "0012", false},
        {"200 result=12 (timeout)", "12", true},
        {"200 result= (timeout)", "", true},
        {"200 result=", "", false},
        {"200 result=8*", "8*", false},
        {"200 result=12345678901234567890", "12345678901234567890", false},
    };
    for (const auto& expected : cases) {
        const auto result = parse<GetData>(expected.reply);
        EXPECT_EQ(result.digits, expected.digits);
        EXPECT_EQ(result.timed_out, expected.timed_out);
    }
    EXPECT_THROW(parse<GetData>("200 result=-1"), AGIAppError);
}

TEST(Actions, TellAnUnsetVariableFromAnEmptyOne) {
    EXPECT_EQ(parse<GetVariable>("200 result=0"), std::nullopt);
    EXPECT_EQ(parse<GetVariable>("200 result=1 ()"), "");
    EXPECT_EQ(parse<GetVariable>("200 result=1 (a (b) c) (d)"), "a (b) c) (d");
    EXPECT_EQ(parse<GetFullVariable>("200 result=1 (one\ntwo)"), "one\ntwo");
    EXPECT_EQ(parse<GetFullVariable>("200 result=0"), std::nullopt);
}

TEST(Actions, GiveWhatAnApplicationReturned) {
    EXPECT_EQ(parse<Exec>("200 result=0").value, 0);
    EXPECT_EQ(parse<Exec>("200 result=-1").value, -1);
    EXPECT_EQ(parse<Exec>("200 result=53").key(), '5');
    EXPECT_EQ(parse<Exec>("200 result=-1").key(), std::nullopt);
    EXPECT_THROW(parse<Exec>("200 result=-2"), AGIAppError);
    EXPECT_THROW(parse<Hangup>("200 result=-1"), AGIAppError);
    EXPECT_THROW(parse<Answer>("200 result=-1"), AGIAppError);
}

/// No action is an aggregate: GCC 12 destroys such a temporary twice inside a co_await expression.
template <class... A>
constexpr bool all_actions = (Action<A> && ...);
static_assert(all_actions<
              Answer,
              Hangup,
              Noop,
              Verbose,
              GetVariable,
              GetFullVariable,
              GetVariables,
              SetVariable,
              StreamFile,
              GetData,
              WaitForDigit,
              SayDigits,
              SayNumber,
              Exec>);

struct AggregateAction {
    [[maybe_unused]] static constexpr std::string_view command = "NOOP";
    std::string text;
    void encode(CommandLine&) const {}
    static void parse(const Reply&) {}
};
static_assert(!Action<AggregateAction>);

TEST(CommandTable, HasAll47CommandsInOrder) {
    for (std::size_t i = 1; i < kCommandTable.size(); ++i)
        EXPECT_LT(kCommandTable[i - 1].name, kCommandTable[i].name);
}

TEST(CommandTable, RecognisesTheCommandOfALineInAnyCase) {
    EXPECT_EQ(traits_of_line("get variable X").form, ReplyForm::value);
    EXPECT_TRUE(traits_of_line("Stream File x \"\"").interruptible);
    EXPECT_TRUE(traits_of_line("noop").dead);
    EXPECT_FALSE(traits_of_line("noopx").dead);
    EXPECT_FALSE(traits_of_line("MY COMMAND").interruptible);
}

}  // namespace
}  // namespace costrix::agi
