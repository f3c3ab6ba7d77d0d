// SPDX-License-Identifier: MIT
// One call to a real Asterisk that executes every command that a Local channel can run.
#include "asterisk/asterisk_fixture.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;

class CommandsTest : public test::AsteriskTest {
protected:
    /// Places a call that runs this handler to its end; AGISTATUS.
    std::string place(ScriptHandler handler, std::map<std::string, std::string> variables = {}) {
        serve(std::move(handler));
        auto call = plan("commands");
        call.variables = std::move(variables);
        const auto outcome = asterisk_.place(call);
        finish();
        EXPECT_FALSE(log_.has("error")) << log_.text();
        return outcome.agistatus;
    }
};

asio::awaitable<void> variables_and_database(AGI& call) {
    co_await call.execute(SetVariable("A", "b (c) \"d\""));
    EXPECT_EQ(co_await call.execute(GetVariable("A")), "b (c) \"d\"");
    EXPECT_EQ(co_await call.execute(GetVariable("UNSET")), std::nullopt);
    EXPECT_EQ(co_await call.execute(GetFullVariable("<${A}>")), "<b (c) \"d\">");
    co_await call.execute(DatabasePut("costrix", "key", "a value"));
    EXPECT_EQ(co_await call.execute(DatabaseGet("costrix", "key")), "a value");
    co_await call.execute(DatabaseDel("costrix", "key"));
    bool missing = false;
    try {
        co_await call.execute(DatabaseGet("costrix", "key"));
    } catch (const AGIDBError&) {
        missing = true;
    }
    EXPECT_TRUE(missing);
    co_await call.execute(DatabasePut("costrix", "tree/leaf", "x"));
    EXPECT_TRUE(co_await call.execute(DatabaseDeltree("costrix")));
    EXPECT_FALSE(co_await call.execute(DatabaseDeltree("costrix")));
}

asio::awaitable<void> media(AGI& call) {
    const auto played = co_await call.execute(StreamFile("beep").escape_digits("12"));
    EXPECT_EQ(played.key, std::nullopt);
    EXPECT_EQ(played.endpos, Samples(3520));
    const auto controlled = co_await call.execute(ControlStreamFile("beep").pause('5'));
    EXPECT_EQ(controlled.endpos, std::nullopt);
    const auto option = co_await call.execute(GetOption("beep", "12").timeout(100ms));
    EXPECT_EQ(option.key, std::nullopt);
    const auto data = co_await call.execute(GetData("beep").timeout(100ms).max_digits(4));
    EXPECT_EQ(data.digits, "");
    EXPECT_TRUE(data.timed_out);
    EXPECT_EQ(co_await call.execute(WaitForDigit(100ms)), std::nullopt);
    const auto recorded = co_await call.execute(
        RecordFile("/tmp/costrix-test").timeout(300ms).escape_digits("#").beep(false)
    );
    EXPECT_EQ(recorded.stopped_by, RecordFile::StoppedBy::timeout);
    bool refused = false;
    try {
        co_await call.execute(RecordFile("/nowhere/x").timeout(300ms).beep(false));
    } catch (const AGIAppError&) {
        refused = true;
    }
    EXPECT_TRUE(refused);
}

asio::awaitable<void> speaking(AGI& call) {
    const auto moment = std::chrono::system_clock::time_point(1700000000s);
    EXPECT_EQ(co_await call.execute(SayDigits("1")), std::nullopt);
    EXPECT_EQ(co_await call.execute(SayNumber(2)), std::nullopt);
    EXPECT_EQ(co_await call.execute(SayNumber(1).gender('f')), std::nullopt);
    EXPECT_EQ(co_await call.execute(SayAlpha("a")), std::nullopt);
    EXPECT_EQ(co_await call.execute(SayPhonetic("a")), std::nullopt);
    EXPECT_EQ(co_await call.execute(SayTime(moment)), std::nullopt);
    EXPECT_EQ(co_await call.execute(SayDatetime(moment).format("H")), std::nullopt);
    EXPECT_EQ(
        co_await call.execute(SayDatetime(moment).format("H").time_zone("UTC")), std::nullopt
    );
    EXPECT_EQ(co_await call.execute(SayDate(moment)), std::nullopt);
}

asio::awaitable<void> texts_and_settings(AGI& call) {
    co_await call.execute(SendText("hello"));
    co_await call.execute(SendImage("none"));
    EXPECT_EQ(co_await call.execute(ReceiveText(100ms)), std::nullopt);
    EXPECT_EQ(co_await call.execute(ReceiveChar(100ms)), std::nullopt);
    EXPECT_FALSE(co_await call.execute(TDDMode(TDDMode::Mode::off)));
    co_await call.execute(SetAutohangup(30s));
    co_await call.execute(SetAutohangup());
    co_await call.execute(SetCallerid("555", "Al \"X\" \\ Y"));
    EXPECT_EQ(co_await call.execute(GetVariable("CALLERID(num)")), "555");
    EXPECT_EQ(co_await call.execute(GetVariable("CALLERID(name)")), "Al \"X\" \\ Y");
    co_await call.execute(SetMusic(true));
    co_await call.execute(SetMusic(false));
}

asio::awaitable<void> dialplan(AGI& call) {
    const auto gosub = co_await call.execute(Gosub("costrix-sub", "ok", "1", "x", "y"));
    EXPECT_FALSE(gosub.abnormal_exit);
    EXPECT_EQ(co_await call.execute(GetVariable(Gosub::kReturnValue)), "back-x-y");
    bool missing = false;
    try {
        co_await call.execute(Gosub("costrix-sub", "nowhere", "1"));
    } catch (const AGIAppError&) {
        missing = true;
    }
    EXPECT_TRUE(missing);
    const auto nested = co_await call.execute(Gosub("costrix-sub", "ok", "1", "(a,b)", "c\\,d"));
    EXPECT_FALSE(nested.abnormal_exit);
    EXPECT_EQ(co_await call.execute(GetVariable(Gosub::kReturnValue)), "back-(a,b)-c\\,d");
    const auto slept = co_await call.execute(Exec("Wait", "0.1"));
    EXPECT_EQ(slept.value, 0);
    missing = false;
    try {
        co_await call.execute(Exec("NoSuchApplication"));
    } catch (const AGIAppError&) {
        missing = true;
    }
    EXPECT_TRUE(missing);
    bool usage = false;
    try {
        co_await call.execute(SetPriority("no-such-label"));
    } catch (const AGIUsageError& error) {
        usage = !error.reply().usage().empty();
    }
    EXPECT_TRUE(usage);
    co_await call.execute(SetContext("costrix-agi"));
    co_await call.execute(SetExtension("moved"));
    co_await call.execute(SetPriority(1));
}

asio::awaitable<void> speech(AGI& call) {
    // No engine here: everything is refused, and refused rightly.
    int refusals = 0;
    auto refused = [&refusals](AGI& that, auto action) -> asio::awaitable<void> {
        try {
            co_await that.execute(action);
        } catch (const AGIAppError&) {
            ++refusals;
        }
    };
    co_await refused(call, SpeechCreate());
    co_await refused(call, SpeechSet("a", "b"));
    co_await refused(call, SpeechLoadGrammar("a", "/b"));
    co_await refused(call, SpeechActivateGrammar("a"));
    co_await refused(call, SpeechRecognize("beep", 1s));
    co_await refused(call, SpeechDeactivateGrammar("a"));
    co_await refused(call, SpeechUnloadGrammar("a"));
    co_await refused(call, SpeechDestroy());
    EXPECT_EQ(refusals, 8);
}

TEST_F(CommandsTest, EveryCommandGivesWhatItsDocumentationSays) {
    bool reached_the_end = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        EXPECT_EQ(co_await call.execute(ChannelStatus()), ChannelState::alerting);
        co_await call.execute(Answer());
        EXPECT_EQ(co_await call.execute(ChannelStatus()), ChannelState::up);
        co_await call.execute(Noop("a comment"));
        co_await call.execute(Verbose("a message", 3));
        co_await call.execute(AsyncAGIBreak());
        co_await variables_and_database(call);
        co_await media(call);
        co_await speaking(call);
        co_await texts_and_settings(call);
        co_await speech(call);
        co_await dialplan(call);
        co_await call.execute(Hangup());
        reached_the_end = true;
    };
    place(flow);
    EXPECT_TRUE(reached_the_end) << log_.text();
}

TEST_F(CommandsTest, PassEachArgumentOfAnApplicationExactly) {
    const std::vector<std::string> values{
        "a,b",  "a,B=forged", "\"a", "a\",b", "\"a,b\"", "\\",    "\\,",    "a\\",   "(",     ")",
        "a(,b", "(a,b)",      "[a",  "a]b(",  "([)]",    "a) b,", "(\"a,)", "\\\"(", "${X},", "",
    };
    bool reached_the_end = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        for (const auto& value : values) {
            // MSet sets a variable for each of its arguments.
            co_await call.execute(Exec("MSet", "A=" + value, "B=own", "C=" + value));
            EXPECT_EQ(co_await call.execute(GetVariable("A")), value);
            EXPECT_EQ(co_await call.execute(GetVariable("B")), "own") << value;
            EXPECT_EQ(co_await call.execute(GetVariable("C")), value);
            co_await call.execute(Exec("Set", "A=set" + value));
            EXPECT_EQ(co_await call.execute(GetVariable("A")), "set" + value);
        }
        co_await call.execute(Exec::raw("MSet", "A=1,B=2"));
        EXPECT_EQ(co_await call.execute(GetVariable("B")), "2");
        reached_the_end = true;
    };
    place(flow);
    EXPECT_TRUE(reached_the_end);
}

}  // namespace
}  // namespace costrix::agi
