// SPDX-License-Identifier: MIT
// All 47 commands have an action; what the less common ones send, and make of what Asterisk says.
#include "support/all_actions.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;

using test::parse;

template <class... A>
struct Commands {
    static_assert((Action<A> && ...));
    static std::set<std::string_view> names() { return {A::command...}; }
};

TEST(AllActions, CoverEveryCommandOfAsterisk) {
    const auto have = test::WithAllActions<Commands>::names();
    EXPECT_EQ(have.size(), kCommandTable.size());
    for (const auto& entry : kCommandTable)
        EXPECT_TRUE(have.contains(entry.name)) << entry.name;
}

TEST(AllActions, SendTheseLines) {
    const auto moment = std::chrono::system_clock::time_point(1700000000s);
    EXPECT_EQ(to_string(AsyncAGIBreak()), "ASYNCAGI BREAK");
    EXPECT_EQ(to_string(ChannelStatus()), "CHANNEL STATUS");
    EXPECT_EQ(to_string(ChannelStatus("PJSIP/1")), "CHANNEL STATUS \"PJSIP/1\"");
    EXPECT_EQ(
        to_string(ControlStreamFile("x")), "CONTROL STREAM FILE \"x\" \"\" 3000 \"#\" \"*\" \"\" 0"
    );
    EXPECT_EQ(
        to_string(ControlStreamFile("x")
                      .escape_digits("0")
                      .skip(5s)
                      .forward('6')
                      .rewind('4')
                      .pause('5')
                      .offset(1500ms)),
        "CONTROL STREAM FILE \"x\" \"0\" 5000 \"6\" \"4\" \"5\" 1500"
    );
    EXPECT_EQ(to_string(DatabaseGet("f", "k")), "DATABASE GET \"f\" \"k\"");
    EXPECT_EQ(to_string(DatabasePut("f", "k", "v w")), "DATABASE PUT \"f\" \"k\" \"v w\"");
    EXPECT_EQ(to_string(DatabaseDel("f", "k")), "DATABASE DEL \"f\" \"k\"");
    EXPECT_EQ(to_string(DatabaseDeltree("f")), "DATABASE DELTREE \"f\"");
    EXPECT_EQ(to_string(DatabaseDeltree("f", "k")), "DATABASE DELTREE \"f\" \"k\"");
    EXPECT_EQ(to_string(GetOption("x", "12")), "GET OPTION \"x\" \"12\" 5000");
    EXPECT_EQ(to_string(GetOption("x", "12").timeout(3s)), "GET OPTION \"x\" \"12\" 3000");
    EXPECT_EQ(to_string(Gosub("c", "e", "1")), "GOSUB \"c\" \"e\" \"1\"");
    EXPECT_EQ(to_string(Gosub("c", "e", "here", "a", "b")), "GOSUB \"c\" \"e\" \"here\" \"a,b\"");
    EXPECT_EQ(to_string(ReceiveChar()), "RECEIVE CHAR -1");
    EXPECT_EQ(to_string(ReceiveChar(2s)), "RECEIVE CHAR 2000");
    EXPECT_EQ(to_string(ReceiveText()), "RECEIVE TEXT -1");
    EXPECT_EQ(to_string(ReceiveText(2s)), "RECEIVE TEXT 2000");
    EXPECT_EQ(to_string(RecordFile("/tmp/x")), "RECORD FILE \"/tmp/x\" \"wav\" \"\" -1 0 BEEP");
    EXPECT_EQ(
        to_string(RecordFile("x", "gsm")
                      .escape_digits("#")
                      .timeout(9s)
                      .offset(Samples(800))
                      .beep(false)
                      .silence(3s)),
        "RECORD FILE \"x\" \"gsm\" \"#\" 9000 800 s=3"
    );
    EXPECT_EQ(to_string(SayAlpha("hi there")), "SAY ALPHA \"hi there\" \"\"");
    EXPECT_EQ(to_string(SayAlpha("Ab").letter_case('u')), "SAY ALPHA \"Ab\" \"\" \"u\"");
    EXPECT_EQ(to_string(SayPhonetic("ab").escape_digits("#")), "SAY PHONETIC \"ab\" \"#\"");
    EXPECT_EQ(to_string(SayDate(moment)), "SAY DATE 1700000000 \"\"");
    EXPECT_EQ(to_string(SayTime(moment)), "SAY TIME 1700000000 \"\"");
    EXPECT_EQ(to_string(SayDatetime(moment)), "SAY DATETIME 1700000000 \"\"");
    EXPECT_EQ(
        to_string(SayDatetime(moment).format("HM").time_zone("Europe/Berlin")),
        "SAY DATETIME 1700000000 \"\" \"HM\" \"Europe/Berlin\""
    );
    EXPECT_EQ(to_string(SendImage("logo")), "SEND IMAGE \"logo\"");
    EXPECT_EQ(to_string(SendText("a b")), "SEND TEXT \"a b\"");
    EXPECT_EQ(to_string(SetAutohangup(30s)), "SET AUTOHANGUP 30.000");
    EXPECT_EQ(to_string(SetAutohangup(1500ms)), "SET AUTOHANGUP 1.500");
    EXPECT_EQ(to_string(SetAutohangup()), "SET AUTOHANGUP 0.000");
    EXPECT_EQ(to_string(SetCallerid("555")), "SET CALLERID \"555\"");
    EXPECT_EQ(
        to_string(SetCallerid("555", "Al \"X\"")), R"(SET CALLERID "\"Al \\\"X\\\"\" <555>")"
    );
    EXPECT_EQ(to_string(SetContext("c")), "SET CONTEXT \"c\"");
    EXPECT_EQ(to_string(SetExtension("100")), "SET EXTENSION \"100\"");
    EXPECT_EQ(to_string(SetPriority(2)), "SET PRIORITY 2");
    EXPECT_EQ(to_string(SetPriority("here")), "SET PRIORITY \"here\"");
    EXPECT_EQ(to_string(SetMusic(true)), "SET MUSIC on");
    EXPECT_EQ(to_string(SetMusic(false, "jazz")), "SET MUSIC off \"jazz\"");
    EXPECT_EQ(to_string(SpeechCreate()), "SPEECH CREATE \"\"");
    EXPECT_EQ(to_string(SpeechSet("n", "v")), "SPEECH SET \"n\" \"v\"");
    EXPECT_EQ(to_string(SpeechDestroy()), "SPEECH DESTROY");
    EXPECT_EQ(to_string(SpeechLoadGrammar("n", "/p")), "SPEECH LOAD GRAMMAR \"n\" \"/p\"");
    EXPECT_EQ(to_string(SpeechUnloadGrammar("n")), "SPEECH UNLOAD GRAMMAR \"n\"");
    EXPECT_EQ(to_string(SpeechActivateGrammar("n")), "SPEECH ACTIVATE GRAMMAR \"n\"");
    EXPECT_EQ(to_string(SpeechDeactivateGrammar("n")), "SPEECH DEACTIVATE GRAMMAR \"n\"");
    EXPECT_EQ(to_string(SpeechRecognize("x", 5s)), "SPEECH RECOGNIZE \"x\" 5");
    EXPECT_EQ(
        to_string(SpeechRecognize("x", 5s).offset(Samples(80))), "SPEECH RECOGNIZE \"x\" 5 80"
    );
    EXPECT_EQ(to_string(TDDMode(TDDMode::Mode::mate)), "TDD MODE mate");
}

TEST(AllActions, RefuseWrongArgumentsByName) {
    EXPECT_EQ(to_string(ControlStreamFile("x").skip(0ms)), "!skip is not positive");
    EXPECT_EQ(to_string(ControlStreamFile("x").offset(-1ms)), "!offset is negative");
    EXPECT_EQ(
        to_string(ControlStreamFile("x").forward('x')),
        "!forward holds 'x', which is not one of 0-9, *, #, A-D"
    );
    EXPECT_EQ(to_string(GetOption("x", "1").timeout(0ms)), "!timeout is not positive");
    EXPECT_EQ(to_string(RecordFile("x").timeout(0ms)), "!timeout is not positive");
    EXPECT_EQ(to_string(RecordFile("x").offset(Samples(-8))), "!offset is negative");
    EXPECT_EQ(to_string(RecordFile("x").silence(0s)), "!silence is not positive");
    EXPECT_EQ(to_string(ReceiveText(0ms)), "!timeout is not positive");
    EXPECT_EQ(to_string(SayAlpha("x").letter_case('z')), "!letter_case is not one of a, l, n, u");
    EXPECT_EQ(to_string(SayDatetime().time_zone("UTC")), "!time_zone needs a format");
    EXPECT_EQ(to_string(SetAutohangup(0s)), "!time is not positive");
    EXPECT_EQ(
        to_string(SetCallerid("5<6>", "x")),
        "!number holds '<' or '>', which divide a caller ID in Asterisk"
    );
    EXPECT_EQ(to_string(SetPriority(0)), "!priority is not 1 or more");
    EXPECT_EQ(to_string(SpeechRecognize("x", 0s)), "!timeout is not positive");
}

TEST(AllActions, GiveTypedResults) {
    EXPECT_EQ(parse<ChannelStatus>("200 result=6"), ChannelState::up);
    EXPECT_THROW(parse<ChannelStatus>("200 result=-1"), AGIAppError);
    const auto stopped = parse<ControlStreamFile>("200 result=53 endpos=920");
    EXPECT_EQ(stopped.key, '5');
    EXPECT_EQ(stopped.endpos, 920ms);
    EXPECT_EQ(parse<ControlStreamFile>("200 result=0 endpos=-1").endpos, std::nullopt);
    EXPECT_THROW(parse<ControlStreamFile>("200 result=-1 endpos=-1"), AGIAppError);
    const auto option = parse<GetOption>("200 result=50 endpos=4960");
    EXPECT_EQ(option.key, '2');
    EXPECT_EQ(option.endpos, Samples(4960));
    EXPECT_EQ(parse<GetOption>("200 result=0 endpos=3520").key, std::nullopt);
    EXPECT_FALSE(parse<Gosub>("200 result=0 Gosub complete").abnormal_exit);
    EXPECT_TRUE(parse<Gosub>("200 result=0 Gosub complete (abnormal exit)").abnormal_exit);
    EXPECT_THROW(parse<Gosub>("200 result=-1 Gosub label not found"), AGIAppError);
    EXPECT_EQ(parse<ReceiveText>("200 result=1 (hangup)"), "hangup");
    EXPECT_EQ(parse<ReceiveText>("200 result=-1"), std::nullopt);
    EXPECT_EQ(parse<ReceiveChar>("200 result=195"), '\xc3');
    EXPECT_EQ(parse<ReceiveChar>("200 result=-1 (hangup)"), std::nullopt);
    EXPECT_EQ(parse<SayAlpha>("200 result=35"), '#');
    EXPECT_TRUE(parse<TDDMode>("200 result=1"));
    EXPECT_FALSE(parse<TDDMode>("200 result=0"));
}

TEST(AllActions, KnowThatDeltreeSaysItTheOtherWayRound) {
    EXPECT_EQ(parse<DatabaseGet>("200 result=1 (a (b))"), "a (b)");
    EXPECT_THROW(parse<DatabaseGet>("200 result=0"), AGIDBError);
    EXPECT_NO_THROW(parse<DatabasePut>("200 result=1"));
    EXPECT_THROW(parse<DatabasePut>("200 result=0"), AGIDBError);
    EXPECT_THROW(parse<DatabaseDel>("200 result=0"), AGIDBError);
    EXPECT_TRUE(parse<DatabaseDeltree>("200 result=0"));
    EXPECT_FALSE(parse<DatabaseDeltree>("200 result=1"));
}

TEST(AllActions, TellWhyARecordingEnded) {
    const auto key = parse<RecordFile>("200 result=35 (dtmf) endpos=12640");
    EXPECT_EQ(key.stopped_by, RecordFile::StoppedBy::key);
    EXPECT_EQ(key.key, '#');
    EXPECT_EQ(key.endpos, Samples(12640));
    const auto silence = parse<RecordFile>("200 result=6019 (timeout) endpos=24000");
    EXPECT_EQ(silence.stopped_by, RecordFile::StoppedBy::silence);
    EXPECT_EQ(silence.key, std::nullopt);
    EXPECT_EQ(
        parse<RecordFile>("200 result=-1 (hangup) endpos=8").stopped_by,
        RecordFile::StoppedBy::hangup
    );
    EXPECT_THROW(parse<RecordFile>("200 result=-1 (writefile)"), AGIAppError);
    EXPECT_THROW(parse<RecordFile>("200 result=-1 (randomerror) endpos=0"), AGIAppError);
    EXPECT_EQ(parse<RecordFile>("200 result=35 (randomerror) endpos=0").key, '#');
    EXPECT_EQ(
        parse<RecordFile>("200 result=0 (timeout) endpos=80").stopped_by,
        RecordFile::StoppedBy::timeout
    );
    EXPECT_THROW(parse<RecordFile>("200 result=-1 (waitfor) endpos=0"), AGIAppError);
    EXPECT_THROW(parse<RecordFile>("200 result=-1"), AGIAppError);
}

TEST(AllActions, GiveWhatTheSpeechEngineHeard) {
    const auto heard = parse<SpeechRecognize>(
        "200 result=1 (speech) endpos=800 results=2 score0=900 text0=\"say \"hi\" to Al\" "
        "grammar0=names score1=100 text1=\"no\" grammar1=yesno"
    );
    EXPECT_EQ(heard.stopped_by, SpeechRecognize::StoppedBy::speech);
    ASSERT_EQ(heard.heard.size(), 2U);
    EXPECT_EQ(heard.heard[0].score, 900);
    EXPECT_EQ(heard.heard[0].text, "say \"hi\" to Al");
    EXPECT_EQ(heard.heard[0].grammar, "names");
    EXPECT_EQ(heard.heard[1].text, "no");
    EXPECT_EQ(heard.heard[1].grammar, "yesno");
    EXPECT_EQ(heard.endpos, Samples(800));
    const auto forged = parse<SpeechRecognize>(
        "200 result=1 (speech) endpos=8 results=1 score0=10 text0=\"a score0=999 grammar0=x\" "
        "grammar0=real"
    );
    ASSERT_EQ(forged.heard.size(), 1U);
    EXPECT_EQ(forged.heard[0].score, 10);
    EXPECT_EQ(forged.heard[0].text, "a score0=999 grammar0=x");
    EXPECT_EQ(forged.heard[0].grammar, "real");
    const auto unsorted = parse<SpeechRecognize>(
        "200 result=1 (speech) endpos=0 results=3 score0=10 text0=\"x\" grammar0=evil\" "
        "grammar0=real score1=30 text1=\"b\" grammar1=two words score2=20 text2=\"c\" grammar2=g"
    );
    ASSERT_EQ(unsorted.heard.size(), 3U);
    EXPECT_EQ(unsorted.heard[0].text, "b");
    EXPECT_EQ(unsorted.heard[0].grammar, "two words");
    EXPECT_EQ(unsorted.heard[1].text, "c");
    EXPECT_EQ(unsorted.heard[2].text, "x\" grammar0=evil");
    EXPECT_EQ(unsorted.heard[2].grammar, "real");
    EXPECT_EQ(unsorted.endpos, Samples());
    const auto cut =
        parse<SpeechRecognize>("200 result=1 (speech) endpos=0 results=2 score0=1 text0=\"a");
    ASSERT_EQ(cut.heard.size(), 2U);
    EXPECT_EQ(cut.heard[0].text, "a");
    const auto key = parse<SpeechRecognize>("200 result=1 (digit) digit=5 endpos=80");
    EXPECT_EQ(key.stopped_by, SpeechRecognize::StoppedBy::key);
    EXPECT_EQ(key.key, '5');
    using StoppedBy = SpeechRecognize::StoppedBy;
    EXPECT_EQ(
        parse<SpeechRecognize>("200 result=1 (timeout) endpos=80").stopped_by, StoppedBy::timeout
    );
    EXPECT_EQ(
        parse<SpeechRecognize>("200 result=1 (hangup) endpos=80").stopped_by, StoppedBy::hangup
    );
    EXPECT_THROW(parse<SpeechRecognize>("200 result=0"), AGIAppError);
    EXPECT_THROW(parse<SpeechCreate>("200 result=0"), AGIAppError);
}

}  // namespace
}  // namespace costrix::agi
