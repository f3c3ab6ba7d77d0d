// SPDX-License-Identifier: MIT
// A Conversation by what the caller does: keys, pauses, silence, a hangup; and a flow that is
// driven by it.
#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/conversation.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace costrix::testing {
namespace {

using namespace std::chrono_literals;

agi::Asked run_in(const Conversation& call, const agi::Ask& ask) {
    agi::Asked asked;
    call.run([&](agi::AGI& agi, const agi::Request&) -> asio::awaitable<void> {
        asked = co_await ask.run(agi);
    });
    return asked;
}

TEST(ConversationCaller, PressesKeysOfEveryCommandThatTakesThem) {
    Conversation call;
    call.expect("STREAM FILE hello 123").caller_waits(250ms).caller_presses('2');
    call.expect("SAY NUMBER 5 #").caller_waits(1s).caller_presses('#');
    call.expect("WAIT FOR DIGIT 5000").caller_waits(1s).caller_presses('D');
    call.expect("GET DATA pin 5000 4").caller_waits(2s).caller_presses("1234");
    call.expect("GET DATA pin 5000 4").caller_waits(2s).caller_presses("12#");
    call.expect("GET DATA pin 5000 4").caller_waits(7s).caller_presses("12");
    call.expect<agi::RecordFile>().caller_waits(1s).caller_presses('#');
    call.expect<agi::ControlStreamFile>().caller_waits(1s).caller_presses('1');
    const auto end = call.run([&](agi::AGI& agi, const agi::Request&) -> asio::awaitable<void> {
        const auto played = co_await agi.execute(agi::StreamFile("hello").escape_digits("123"));
        EXPECT_EQ(played.key, '2');
        EXPECT_EQ(played.endpos.duration(), 250ms);
        const auto said = co_await agi.execute(agi::SayNumber(5).escape_digits("#"));
        EXPECT_EQ(said, '#');
        const auto key = co_await agi.execute(agi::WaitForDigit(5s));
        EXPECT_EQ(key, 'D');
        const std::string entered[] = {"1234", "12", "12"};
        for (const auto& digits : entered) {
            const auto data = co_await agi.execute(agi::GetData("pin").timeout(5s).max_digits(4));
            EXPECT_EQ(data.digits, digits);
        }
        const auto recorded =
            co_await agi.execute(agi::RecordFile("/tmp/x", "wav").escape_digits("#"));
        EXPECT_EQ(recorded.stopped_by, agi::RecordFile::StoppedBy::key);
        EXPECT_EQ(recorded.endpos.duration(), 1s);
        const auto controlled =
            co_await agi.execute(agi::ControlStreamFile("hello").escape_digits("1"));
        EXPECT_EQ(controlled.key, '1');
    });
    EXPECT_EQ(end.took, 250ms + 1s + 1s + 2s + 2s + 7s + 1s + 1s);
}

TEST(ConversationCaller, IsSilentUntilTheCommandEnds) {
    Conversation call;
    call.expect("STREAM FILE hello 123").caller_waits(2s).caller_is_silent();
    call.expect("WAIT FOR DIGIT 5000").caller_waits(1s).caller_is_silent();
    call.expect("GET DATA pin 5000 4").caller_is_silent();
    const auto end = call.run([&](agi::AGI& agi, const agi::Request&) -> asio::awaitable<void> {
        const auto played = co_await agi.execute(agi::StreamFile("hello").escape_digits("123"));
        EXPECT_FALSE(played.key);
        const auto key = co_await agi.execute(agi::WaitForDigit(5s));
        EXPECT_FALSE(key);
        const auto data = co_await agi.execute(agi::GetData("pin").timeout(5s).max_digits(4));
        EXPECT_TRUE(data.timed_out);
    });
    EXPECT_EQ(end.took, 2s + 5s + 5s);
}

TEST(ConversationCaller, DrivesAFlow) {
    agi::Ask pin("enter-pin");
    pin.digits(2).attempts(2).on_silence("still-there");
    Conversation call;
    call.expect("STREAM FILE enter-pin 0123456789").caller_waits(2s).caller_is_silent();
    call.expect<agi::WaitForDigit>().caller_is_silent();
    call.expect("STREAM FILE still-there 0123456789").caller_waits(1s).caller_presses('1');
    call.expect<agi::WaitForDigit>().caller_waits(1s).caller_presses('2');
    const auto asked = run_in(call, pin);
    EXPECT_EQ(asked.digits, "12");
    EXPECT_EQ(asked.silences, 1);
}

TEST(ConversationCaller, CannotPressAKeyThatTheCommandIgnores) {
    for (const char* command : {"STREAM FILE hello 123", "SAY NUMBER 5 \"\"", "ANSWER"}) {
        Conversation call;
        call.expect(command).caller_presses('9');
        try {
            call.run([&](agi::AGI& agi, const agi::Request&) -> asio::awaitable<void> {
                const std::string text = command;
                if (text.starts_with("STREAM"))
                    co_await agi.execute(agi::StreamFile("hello").escape_digits("123"));
                else if (text.starts_with("SAY"))
                    co_await agi.execute(agi::SayNumber(5));
                else
                    co_await agi.execute(agi::Answer());
            });
            FAIL() << command;
        } catch (const Mismatch& mismatch) {
            EXPECT_EQ(mismatch.expected(), "a command that ends by 9");
            EXPECT_NE(mismatch.actual().find(command[0]), std::string::npos);
        }
    }
}

TEST(ConversationCaller, CannotPressWhereNoCommandRuns) {
    Conversation call;
    EXPECT_THROW(call.caller_presses('1'), std::logic_error);
    EXPECT_THROW(call.caller_is_silent(), std::logic_error);
    call.expect("ANSWER");
    EXPECT_THROW(call.caller_presses("x"), std::invalid_argument);
}

}  // namespace
}  // namespace costrix::testing
