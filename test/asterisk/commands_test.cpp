// SPDX-License-Identifier: MIT
// One call to a real Asterisk that executes every command that a Local channel can run.
#include "asterisk/ami_client.hpp"
#include "support/log_capture.hpp"

#include <costrix/agi.hpp>

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;

class CommandsTest : public ::testing::Test {
protected:
    /// Places a call that runs this handler to its end; AGISTATUS.
    std::string place(ScriptHandler handler, std::map<std::string, std::string> variables = {}) {
        server_.register_script_handler(std::nullopt, std::move(handler));
        std::thread thread([this] { server_.run(); });
        test::CallPlan plan;
        plan.path = "commands";
        plan.port = server_.port();
        plan.variables = std::move(variables);
        const auto outcome = asterisk_.place(plan);
        server_.shutdown();
        thread.join();
        EXPECT_EQ(log_.text().find("error"), std::string::npos) << log_.text();
        return outcome.agistatus;
    }

    test::LogCapture log_;
    FastAGIServer server_{{.port = 0, .logger = log_.logger()}};
    test::AmiClient asterisk_{5038};
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
    EXPECT_EQ(played.endpos, 3520);
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
    EXPECT_EQ(recorded.end, RecordFile::End::time_out);
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

/// All bytes that a command can carry, from `first` to the end.
std::string bytes_from(int first) {
    std::string bytes;
    for (int byte = first; byte < 256; ++byte)
        if (byte != '\n' && byte != '\r')
            bytes += static_cast<char>(byte);
    return bytes;
}

TEST_F(CommandsTest, GetVariablesBringsAnyValueExactly) {
    const std::vector<std::string> values{
        "",
        "x):1) (y",
        "a (b) c) (d",
        "((((",
        "one) 200 result=1 (two",
        "A:1:3:one",
        "${EXTEN} $[1+1] \\ \" '",
        bytes_from(1),
        std::string(7000, 'x'),
    };
    bool reached_the_end = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < values.size(); ++i) {
            names.push_back("COSTRIX_" + std::to_string(i));
            co_await call.execute(SetVariable(names.back(), values[i]));
        }
        // Line feeds cannot be sent, but the dialplan can make them.
        co_await call.execute(Exec("Set", "COSTRIX_LINES=one)${SPRINTF(%c,10)}200 result=0 (two:9:")
        );
        names.push_back("COSTRIX_LINES");
        for (int i = 0; i < 2; ++i)
            co_await call.execute(Exec("Set", "COSTRIX_8=${COSTRIX_8}${COSTRIX_8}"));
        names.push_back("COSTRIX_UNSET");
        const GetVariables all(names);
        const auto found = co_await call.execute(all);
        for (std::size_t i = 0; i + 1 < values.size(); ++i)
            EXPECT_EQ(found[i], values[i]) << i;
        EXPECT_EQ(found["COSTRIX_8"], std::string(28000, 'x'));
        EXPECT_EQ(found["COSTRIX_LINES"], "one)\n200 result=0 (two:9:");
        EXPECT_EQ(found["COSTRIX_UNSET"], std::nullopt);
        EXPECT_EQ(co_await call.execute(GetVariable("CONTEXT")), "costrix-agi");
        reached_the_end = true;
    };
    place(flow, {{"AGIEXECFULL", "yes"}});
    EXPECT_TRUE(reached_the_end) << log_.text();
}

/// True when it is refused before anything is sent, for a reason that has these words.
template <Action A>
asio::awaitable<bool> refused(AGI& call, const A& action, std::string why) {
    std::string said;
    try {
        co_await call.execute(action);
    } catch (const AGIUsageError& error) {
        if (error.reply().code() == 0)
            said = error.what();
    }
    EXPECT_NE(said.find(why), std::string::npos) << said;
    co_return said.find(why) != std::string::npos;
}

asio::awaitable<void> every_byte_arrives(AGI& call) {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string value{'<', static_cast<char>(byte), '>'};
        const SetVariable set("COSTRIX_BYTE", value);
        if (byte == 0 || byte == '\n' || byte == '\r') {
            const bool kept_back = co_await refused(call, set, "at byte 1");
            EXPECT_TRUE(kept_back) << byte;
            continue;
        }
        co_await call.execute(set);
        EXPECT_EQ(co_await call.execute(GetVariable("COSTRIX_BYTE")), value) << byte;
        co_await call.execute(DatabasePut("costrix", "byte", value));
        EXPECT_EQ(co_await call.execute(DatabaseGet("costrix", "byte")), value) << byte;
    }
    co_await call.execute(DatabaseDel("costrix", "byte"));
}

asio::awaitable<void> awkward_values_arrive(AGI& call) {
    const std::string values[] = {
        "\"",
        "\\",
        "\\\"",
        "\" \"",
        "ends in \\",
        "\tTAB\t",
        "  blanks  ",
        "'",
        "HANGUP",
        "\\n HANGUP",
        std::string(100, '"'),
        std::string(100, '\\'),
        bytes_from(128),
    };
    for (const auto& value : values) {
        co_await call.execute(SetVariable("COSTRIX_VALUE", value));
        EXPECT_EQ(co_await call.execute(GetVariable("COSTRIX_VALUE")), value);
    }
    std::string many = "COSTRIX_VALUE";  // 200 words in one argument are one word
    for (int i = 0; i < 200; ++i)
        many += " \"w\"";
    co_await call.execute(SetVariable("COSTRIX_VALUE", many));
    EXPECT_EQ(co_await call.execute(GetVariable("COSTRIX_VALUE")), many);
}

asio::awaitable<void> too_much_is_refused(AGI& call) {
    const SetVariable long_value("COSTRIX_LONG", std::string(10'000, 'x'));
    const bool long_kept_back = co_await refused(call, long_value, "bytes, over the");
    EXPECT_TRUE(long_kept_back);
    std::string words = "NOOP";
    for (int i = 0; i < 200; ++i)
        words += " \"w\"";
    const auto reply = co_await call.send(words);
    EXPECT_EQ(reply.status(), ReplyStatus::refused);
    EXPECT_NE(reply.text().find("201 words, over the 127"), std::string_view::npos) << reply.text();
}

TEST_F(CommandsTest, HostileArgumentsArriveOrAreRefused) {
    bool reached_the_end = false;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await every_byte_arrives(call);
        co_await awkward_values_arrive(call);
        co_await too_much_is_refused(call);
        // Nothing of all that was a second command.
        EXPECT_EQ(co_await call.execute(GetVariable("CONTEXT")), "costrix-agi");
        EXPECT_EQ(co_await call.execute(ChannelStatus()), ChannelState::alerting);
        reached_the_end = true;
    };
    place(flow);
    EXPECT_TRUE(reached_the_end) << log_.text();
}

}  // namespace
}  // namespace costrix::agi
