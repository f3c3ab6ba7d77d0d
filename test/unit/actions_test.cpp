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
        to_string(StreamFile("welcome").escape_digits("12#").offset(Samples(800))),
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

template <class T>
constexpr bool kTaken = std::constructible_from<Exec, const char*, T>;

TEST(Actions, TakeIntegersAsArguments) {
    EXPECT_EQ(to_string(Exec("Wait", 5)), R"(EXEC "Wait" "5")");
    const std::uint64_t large = 18'446'744'073'709'551'615U;
    EXPECT_EQ(
        to_string(Exec("Read", "X", std::uint8_t(0), -1, large)),
        R"(EXEC "Read" "X,0,-1,18446744073709551615")"
    );
    EXPECT_EQ(to_string(Gosub("c", "e", "1", 7, "x")), R"(GOSUB "c" "e" "1" "7,x")");
    static_assert(kTaken<short> && kTaken<std::string>);
    static_assert(!kTaken<char> && !kTaken<bool> && !kTaken<double> && !kTaken<Answer>);
}

TEST(Samples, ConvertAtTheRateOfTheFile) {
    static_assert(Samples(1500ms) == Samples(12'000));
    static_assert(Samples(1500ms, 16'000) == Samples(24'000));
    static_assert(Samples(7360).duration() == 920ms && Samples(7360).duration(16'000) == 460ms);
    static_assert(Samples(7367).duration() == 920ms);
    static_assert(Samples(3) - Samples(5) < Samples() && Samples(3) + Samples(5) > Samples(7));
    EXPECT_EQ(to_string(StreamFile("x").offset(Samples(2s))), "STREAM FILE \"x\" \"\" 16000");
}

TEST(Actions, KeepAnArgumentOfAnApplicationFromAddingAnother) {
    // On the wire each backslash stands twice.
    const auto line = [](const auto& action) {
        auto text = to_string(action);
        for (auto at = text.find("\\\\"); at != text.npos; at = text.find("\\\\", at + 1))
            text.erase(at, 1);
        return text;
    };
    EXPECT_EQ(line(Exec("VoiceMail", "100,s", "u")), R"-(EXEC "VoiceMail" "100\,s,u")-");
    EXPECT_EQ(line(Exec("Dial", "x", "20", "U(sub^a)g")), R"-(EXEC "Dial" "x,20,U(sub^a)g")-");
    EXPECT_EQ(line(Exec("Dial", "x", "20", "G(c,e,1)")), R"-(EXEC "Dial" "x,20,G(c\,e\,1)")-");
    EXPECT_EQ(line(Exec("Dial", "a(", "b]")), R"-(EXEC "Dial" "a\(,b]")-");
    EXPECT_EQ(line(Exec("Dial", "a[b", "c")), R"-(EXEC "Dial" "a\[b,c")-");
    EXPECT_EQ(to_string(Exec("Dial", "\"a", "\\")), R"-(EXEC "Dial" "\\\"a,\\\\")-");
    // These take all that follows as one text.
    EXPECT_EQ(line(Exec("Set", "A=b,(c")), R"-(EXEC "Set" "A=b,(c")-");
    EXPECT_EQ(line(Exec("LOG", "NOTICE,x", "b,c")), R"-(EXEC "LOG" "NOTICE\,x,b,c")-");
    EXPECT_EQ(line(Exec::raw("Dial", "a,b,c(")), R"-(EXEC "Dial" "a,b,c(")-");
}

TEST(Actions, RefuseACommaThatCannotBeEscaped) {
    const std::string_view application =
        "!arguments hold a comma, which this application cannot escape (see Exec::raw)";
    EXPECT_EQ(to_string(Exec("Goto", "default", "100,2", "1")), application);
    EXPECT_EQ(to_string(Exec("saynumber", "1,f")), application);
    EXPECT_EQ(to_string(Exec("Goto", "default", "100", "1")), "EXEC \"Goto\" \"default,100,1\"");
    const std::string_view argument =
        "!arguments hold a comma, or quotes or brackets that are not closed: Gosub cannot escape "
        "them";
    for (const char* text : {"a,b", "a(", "a[b", "\"a", "a\\", "(a),b"})
        EXPECT_EQ(to_string(Gosub("c", "e", "1", text, "x")), argument) << text;
    for (const char* text : {"(a,b)", "[a,b]", "\\\"a", "a)b", "\\,", ""})
        EXPECT_TRUE(to_string(Gosub("c", "e", "1", text, "x")).starts_with("GOSUB")) << text;
    EXPECT_EQ(
        to_string(Gosub("c", "e,1(x", "1")),
        "!extension holds a comma or '(', which ends it in Asterisk"
    );
}

TEST(Actions, RefuseNumbersThatWrapInAsterisk) {
    const auto over = [](std::string_view what, std::string_view number) {
        return std::string("!").append(what).append(" is ").append(number).append(
            ", over the 2147483647 that Asterisk takes"
        );
    };
    const std::chrono::milliseconds last(2'147'483'647), most(std::chrono::milliseconds::max());
    const auto days = std::chrono::hours(720);
    EXPECT_EQ(to_string(WaitForDigit(last)), "WAIT FOR DIGIT 2147483647");
    EXPECT_EQ(to_string(WaitForDigit(days)), over("timeout", "2592000000"));
    EXPECT_EQ(to_string(WaitForDigit(most)), over("timeout", "9223372036854775807"));
    EXPECT_EQ(to_string(GetData("x").timeout(days)), over("timeout", "2592000000"));
    EXPECT_EQ(to_string(GetOption("x", "1").timeout(days)), over("timeout", "2592000000"));
    EXPECT_EQ(to_string(ReceiveText(days)), over("timeout", "2592000000"));
    EXPECT_EQ(to_string(ReceiveChar(days)), over("timeout", "2592000000"));
    EXPECT_EQ(to_string(RecordFile("x").timeout(days)), over("timeout", "2592000000"));
    EXPECT_EQ(
        to_string(RecordFile("x").silence(std::chrono::seconds(2'147'484))),
        "!silence is 2147484 s, over the 2147483 s that Asterisk takes"
    );
    EXPECT_EQ(to_string(ControlStreamFile("x").skip(days)), over("skip", "2592000000"));
    EXPECT_EQ(to_string(ControlStreamFile("x").offset(days)), over("offset", "2592000000"));
    EXPECT_EQ(
        to_string(SpeechRecognize("x", std::chrono::seconds(2'147'483'648))),
        over("timeout", "2147483648")
    );
    EXPECT_EQ(
        to_string(SpeechRecognize("x", 1s).offset(Samples(2'147'483'648))),
        over("offset", "2147483648")
    );
    const std::chrono::system_clock::time_point later(std::chrono::seconds(4'000'000'000));
    EXPECT_EQ(to_string(SayDate(later)), over("time", "4000000000"));
    EXPECT_EQ(to_string(SayTime(later)), over("time", "4000000000"));
    const std::chrono::system_clock::time_point earlier(std::chrono::seconds(-4'000'000'000));
    EXPECT_EQ(to_string(SayDate(earlier)), "!time is -4000000000, less than Asterisk takes");
    EXPECT_EQ(to_string(SayDatetime(later)), "SAY DATETIME 4000000000 \"\"");
}

TEST(Actions, NameAKeyThatCannotBePrinted) {
    EXPECT_EQ(
        to_string(ControlStreamFile("x").forward('\0')),
        "!forward holds '\\x00', which is not one of 0-9, *, #, A-D"
    );
}

TEST(Actions, RefuseWrongArgumentsByName) {
    EXPECT_EQ(to_string(Verbose("x", 5)), "!level is 5, not 1 to 4");
    EXPECT_EQ(to_string(GetData("x").timeout(0ms)), "!timeout is not positive");
    EXPECT_EQ(to_string(GetData("x").max_digits(1024)), "!max_digits is 1024, not 1 to 1023");
    EXPECT_EQ(to_string(WaitForDigit(-1ms)), "!timeout is negative");
    EXPECT_EQ(to_string(StreamFile("x").offset(Samples(-1))), "!offset is negative");
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
    EXPECT_EQ(stopped.endpos, Samples(7360));
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
    for (const char* line :
         {"GET  VARIABLE X",
          "get\tvariable\tX",
          "  GET VARIABLE X",
          "\t\"GET\" \"VARIABLE\" X",
          "g\"E\"t v\\ariable X",
          "GET VARIABLE"})
        EXPECT_EQ(traits_of_line(line).form, ReplyForm::value) << line;
    for (const char* line : {"\"GET VARIABLE\" X", "GET\\ VARIABLE X", "GET VARIABLES X", "", "\\"})
        EXPECT_EQ(traits_of_line(line).form, ReplyForm::line) << line;
    EXPECT_TRUE(traits_of_line("DATABASE  DELTREE x").dead);
    EXPECT_FALSE(traits_of_line("MY COMMAND").interruptible);
}

}  // namespace
}  // namespace costrix::agi
