// SPDX-License-Identifier: MIT
// The classic faults of AGI libraries, one test each, to show that they are not repeated here.
// Traps of the server (limits, faults that spread) are in integration/server_test.cpp.
#include "support/session_fixture.hpp"

#include <costrix/agi.hpp>
#include <costrix/testing/asterisk_tokenizer.hpp>

namespace costrix::agi {
namespace {

class Trap : public test::SessionTest {
protected:
    /// Executes an action, with Asterisk answering this; the result or the exception is in task_.
    template <Action A>
    ResultOf<A> result_of(A action, std::string_view reply) {
        ResultOf<A> result{};
        auto flow = [&]() -> asio::awaitable<void> { result = co_await call().execute(action); };
        task_ = start(flow());
        asterisk(reply);
        return result;
    }
    /// The next command gets its own reply.
    void expect_in_step() {
        EXPECT_EQ(result_of(GetVariable("STEP"), "200 result=1 (in step)\n"), "in step");
    }
    std::shared_ptr<test::Task> task_;
};

TEST_F(Trap, T01_QuotesInAnArgumentShiftNothing) {
    const std::string evil = R"(a" "b\" \\ 'c)";
    const auto line = to_string(SetVariable("V", evil));
    const auto seen = testing::split_as_asterisk(line).words;
    EXPECT_EQ(seen, (std::vector<std::string>{"SET", "VARIABLE", "V", evil}));
    EXPECT_THROW((void)call().execute(SetVariable("V", "x\nHANGUP")), AGIUsageError);
}

TEST_F(Trap, T02_AHangupLeavesNoReplyUnread) {
    call().allow_after_hangup();  // so that commands go on after it
    EXPECT_EQ(result_of(GetVariable("A"), "HANGUP\n200 result=1 (one)\n"), "one");
    expect_in_step();
}

TEST_F(Trap, T03_AHangupOrA511DoesNotEndTheSession) {
    result_of(GetVariable("A"), "511 Command Not Permitted on a dead channel\n");
    EXPECT_TRUE(sent().ends_with("GET FULL VARIABLE ${CHANNEL(checkhangup)}${AGISIGHUP}\n"));
    asterisk("200 result=1 (1)\n");
    EXPECT_TRUE(task_->threw<AGIDeadChannelError>());
    EXPECT_FALSE(transport().closed());
    asterisk("HANGUP\nHANGUP\n");
    EXPECT_FALSE(transport().closed());
}

TEST_F(Trap, T04_ASingleLine520DoesNotWaitForMore) {
    result_of(GetVariable("A"), "520 Invalid command syntax.  Proper usage not available.\n");
    EXPECT_TRUE(task_->threw<AGIUsageError>());
    expect_in_step();
    result_of(
        GetVariable("A"),
        "520-Invalid command syntax.  Proper usage follows:\nx520 End of proper usage.\n"
    );
    EXPECT_TRUE(task_->threw<AGIUsageError>());
    expect_in_step();
}

TEST_F(Trap, T05_Trying100IsNotTheReply) {
    Reply reply;
    auto flow = [&]() -> asio::awaitable<void> { reply = co_await call().send("GOSUB sub ok 1"); };
    const auto task = start(flow());
    asterisk("100 result=0 Trying...\n");
    EXPECT_FALSE(task->done());
    asterisk("200 result=0 Gosub complete\n");
    EXPECT_EQ(reply.rest(), "Gosub complete");
    expect_in_step();
}

TEST_F(Trap, T06_DigitsAreNoNumber) {
    EXPECT_EQ(result_of(GetData("x"), "200 result=0012\n").digits, "0012");
    EXPECT_EQ(result_of(GetData("x"), "200 result=*\n").digits, "*");
    EXPECT_EQ(result_of(GetData("x"), "200 result=\n").digits, "");
    EXPECT_EQ(result_of(GetData("x"), "200 result=9999999999\n").digits, "9999999999");
}

TEST_F(Trap, T07_ChunksAreNotMessages) {
    std::optional<std::string> value;
    auto flow = [&]() -> asio::awaitable<void> {
        value = co_await call().execute(GetVariable("A"));
    };
    const auto task = start(flow());
    for (const char byte : std::string("200 result=1 (the word HANGUP in a value)\n"))
        asterisk(std::string_view(&byte, 1));
    EXPECT_EQ(value, "the word HANGUP in a value");
    EXPECT_FALSE(call().hung_up());
    EXPECT_EQ(result_of(GetVariable("A"), "200 result=1 (read ahead)\nHANGUP\n"), "read ahead");
    EXPECT_TRUE(call().hung_up());
}

TEST_F(Trap, T08_TheEndInsideTheEnvironmentIsSeen) {
    open("agi_network: yes\nagi_channel: x\n");  // no empty line
    transport().end();
    run();
    EXPECT_EQ(why_, "the environment ended before its empty line");
}

TEST_F(Trap, T09_AValueIsNotCut) {
    EXPECT_EQ(result_of(GetVariable("A"), "200 result=1 (a) b: (c) d)\n"), "a) b: (c) d");
    const auto played = result_of(StreamFile("x"), "200 result=0 endpos=7360\n");
    EXPECT_EQ(played.endpos, Samples(7360));
    open("agi_request: agi://host:4573/a: b\n\n");
    EXPECT_EQ(call().environment().request(), "agi://host:4573/a: b");
}

TEST_F(Trap, T10_TheOffsetIsNotTheSkip) {
    const auto line = to_string(ControlStreamFile("x").offset(std::chrono::milliseconds(700)));
    EXPECT_EQ(line, "CONTROL STREAM FILE \"x\" \"\" 3000 \"#\" \"*\" \"\" 700");
    EXPECT_EQ(to_string(SendImage("x")), "SEND IMAGE \"x\"");
    EXPECT_EQ(to_string(SayPhonetic("x")), "SAY PHONETIC \"x\" \"\"");
}

TEST_F(Trap, T11_DeltreeSaysItTheOtherWayRound) {
    EXPECT_TRUE(result_of(DatabaseDeltree("x"), "200 result=0\n"));
    EXPECT_FALSE(result_of(DatabaseDeltree("x"), "200 result=1\n"));
}

TEST_F(Trap, T12_NoTimeOutEndsALongCommand) {
    // There is none by default; what runs for an hour ends when Asterisk says so.
    const auto task = start([](AGI& call) -> asio::awaitable<void> {
        co_await call.execute(Exec("Dial", "PJSIP/100"));
    }(call()));
    EXPECT_FALSE(task->done());
    asterisk("200 result=0\n");
    EXPECT_TRUE(task->done());
    EXPECT_FALSE(task->error());
}

TEST_F(Trap, T14_BytesThatAreNoUtf8DoNotEndTheCall) {
    EXPECT_EQ(result_of(GetVariable("A"), "200 result=1 (\xc3\xff\x80)\n"), "\xc3\xff\x80");
    open("agi_calleridname: J\xfcrgen \xc3\n\n");
    EXPECT_EQ(call().environment().caller_id_name(), "J\xfcrgen \xc3");
}

TEST_F(Trap, T15_AnAbandonedReplyIsNotTheNextOnes) {
    auto dial = [&]() -> asio::awaitable<void> { co_await call().execute(Exec("Dial", "x")); };
    const auto abandoned = start(dial());
    abandoned->cancel.emit(asio::cancellation_type::terminal);
    run();
    sent();
    const auto next = start(call().execute(Noop()));
    EXPECT_EQ(sent(), "");  // and no second command in flight
    asterisk("200 result=-1\n");
    EXPECT_EQ(sent(), "NOOP\n");
    asterisk("200 result=0\n");
    EXPECT_TRUE(next->done());
    expect_in_step();
}

}  // namespace
}  // namespace costrix::agi
