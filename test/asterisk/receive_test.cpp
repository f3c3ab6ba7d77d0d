// SPDX-License-Identifier: MIT
// Texts of the caller's, from a real Asterisk: RECEIVE CHAR and RECEIVE TEXT wait for them.
#include "asterisk/asterisk_fixture.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class Receive : public test::AsteriskTest {
protected:
    /// A caller who sends this text a second and a half after the answer.
    std::string text(ScriptHandler handler, std::string text) {
        serve(std::move(handler));
        auto call = plan();
        call.answered = true;
        call.text = std::move(text);
        call.after = 1500ms;
        const auto status = asterisk_.place(call).agistatus;
        finish();
        expect_nothing_wrong();
        return status;
    }
};

TEST_F(Receive, ACharacterIsWaitedForWithoutALimit) {
    std::optional<char> character;
    Clock::duration took{};
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        const auto begin = Clock::now();
        character = co_await call.execute(ReceiveChar());
        took = Clock::now() - begin;
    };
    EXPECT_EQ(text(flow, "hello"), "SUCCESS");
    EXPECT_EQ(character, 'h');
    EXPECT_GT(took, 500ms);
}

TEST_F(Receive, ATextIsWaitedForWithoutALimit) {
    std::optional<std::string> received;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        received = co_await call.execute(ReceiveText());
    };
    EXPECT_EQ(text(flow, "one) two (x"), "SUCCESS");
    EXPECT_EQ(received, "one) two (x");
}

TEST_F(Receive, ATimeOutIsNoHangup) {
    std::optional<char> character = 'x';
    std::optional<std::string> received = "x";
    std::optional<std::string> next;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        character = co_await call.execute(ReceiveChar(100ms));
        received = co_await call.execute(ReceiveText(100ms));
        EXPECT_FALSE(call.hung_up());
        next = co_await call.execute(ReceiveText(5s));
    };
    text(flow, "hello");
    EXPECT_EQ(character, std::nullopt);
    EXPECT_EQ(received, std::nullopt);
    EXPECT_EQ(next, "hello");
}

TEST_F(Receive, AHangupEndsTheWait) {
    int hangups = 0;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        try {
            co_await call.execute(ReceiveChar());
        } catch (const AGIResultHangup&) {
            ++hangups;
        }
    };
    serve(flow);
    auto call = plan();
    call.answered = true;
    call.hangup_after = 1200ms;
    EXPECT_EQ(asterisk_.place(call).agistatus, "HANGUP");
    finish();
    EXPECT_EQ(hangups, 1);
    expect_nothing_wrong();
}

}  // namespace
}  // namespace costrix::agi
