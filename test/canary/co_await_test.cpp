// SPDX-License-Identifier: MIT
// Every way in which the API invites people to write a co_await expression. GCC 12 destroys some
// temporaries in such expressions twice; under AddressSanitizer this program shows that ours are
// not among them. What must not be written is in docs/compilers.md.
#include "support/session_fixture.hpp"

#include <costrix/agi.hpp>

#include <memory>
#include <string>
#include <utility>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;

// Longer than a small string, so that a second destruction is a double free.
const std::string kLong = "a text that does not fit into a small string, for sure it does not";

const std::string kShort = "short";

class CoAwait : public test::SessionTest {
protected:
    /// Runs a flow to its end; Asterisk answers every command with the reply.
    void play(asio::awaitable<void> flow, std::string_view reply = "200 result=1 (5)\n") {
        const auto task = start(std::move(flow));
        for (int i = 0; i < 100 && !task->done(); ++i) {
            commands_ += sent();
            asterisk(reply);
        }
        EXPECT_TRUE(task->done());
        EXPECT_FALSE(task->error()) << task->what();
    }
    std::string commands_;
};

asio::awaitable<void> temporaries(AGI& call) {
    co_await call.execute(Noop(kLong));
    co_await call.execute(Noop{kLong});
    co_await call.execute(SetVariable(kLong, kLong + kLong));
    co_await call.execute(GetVariable(std::string("CHANNEL(") + kLong + ")"));
    co_await call.execute(Hangup("PJSIP/" + kLong));
}

asio::awaitable<void> setters(AGI& call) {
    co_await call.execute(GetData(kLong).timeout(5s).max_digits(4));
    co_await call.execute(
        StreamFile(kLong).escape_digits("0123456789*#ABCD0123456789").offset(Samples(8))
    );
    co_await call.execute(SayNumber(7).escape_digits("0123456789*#0123456789").gender('f'));
    co_await call.execute(GetFullVariable("${" + kLong + "}").channel(kLong));
    co_await call.execute(WaitForDigit(2s));
}

asio::awaitable<void> variadic(AGI& call) {
    const std::string view = kLong;
    co_await call.execute(Exec("Dial", kLong, std::string_view(view), "30", kLong + "x"));
    co_await call.execute(Exec(kLong));
}

asio::awaitable<void> stored(AGI& call) {
    const StreamFile prompt(kLong);
    co_await call.execute(prompt);
    co_await call.execute(prompt);
    auto copy = prompt;
    co_await call.execute(copy.escape_digits("1"));
    auto awaitable = call.execute(Noop(kLong));
    co_await std::move(awaitable);
    const auto owned = std::make_unique<Noop>(kLong);
    co_await call.execute(*owned);
    co_await call.execute(*std::make_unique<Noop>(kLong));
}

asio::awaitable<void> conditions(AGI& call, bool yes) {
    if (const auto value = co_await call.execute(GetVariable(kLong)); value == "5")
        co_await call.execute(Noop(yes ? kLong : kShort));
    if (const auto value = co_await call.execute(GetVariable(kLong + "y")))
        co_await call.execute(SetVariable(kLong, *value));
    // A co_await in the condition itself is sound in a coroutine that has a variable of its own;
    // GCC 12 loses the frame of one that has none. docs/compilers.md says what to write instead.
    if (co_await call.execute(GetVariable(kLong)) == "5")
        co_await call.execute(Noop(kLong));
    if ((co_await call.execute(GetVariable(kLong))).value_or(kLong) == "5" &&
        (co_await call.execute(GetVariable(kLong + "y"))).has_value())
        co_await call.execute(Noop());
    const auto either = (co_await call.execute(GetVariable(kLong))).value_or(kLong);
    co_await call.execute(Verbose(either + kLong));
    switch ((co_await call.execute(GetVariable(kLong))).value_or("x").front()) {
    case '5':
        co_await call.execute(Noop(kLong));
        break;
    default:
        break;
    }
}

/// The way that is sound everywhere, also where it is all there is.
asio::awaitable<void> only_a_condition(AGI& call) {
    if (const auto value = co_await call.execute(GetVariable(kLong)); value == "5")
        co_await call.execute(Noop(kLong));
}

asio::awaitable<void> loops(AGI& call) {
    for (const auto& name : {kLong, kLong + "2"})
        co_await call.execute(GetVariable(name));
    for (int i = 0; i < 3; ++i)
        co_await call.execute(SayNumber(i).escape_digits("#"));
    int left = 3;
    while ((co_await call.execute(GetVariable(kLong))) && --left > 0) {
    }
}

asio::awaitable<void> bindings(AGI& call) {
    const auto [digits, timed_out] = co_await call.execute(GetData(kLong).max_digits(2));
    const auto [key, endpos] = co_await call.execute(StreamFile(kLong).escape_digits("12"));
    co_await call.execute(
        SetVariable(digits + kLong, std::to_string(endpos.count()) + key.value_or('-'))
    );
    const std::string text = "got " + (co_await call.execute(GetVariable(kLong))).value_or(kLong);
    co_await call.execute(Noop(text));
}

asio::awaitable<void> catching(AGI& call) {
    std::string failed;
    try {
        co_await call.execute(SetVariable(kLong, "\n"));
    } catch (const AGIUsageError& error) {
        failed = error.what();
    }
    co_await call.execute(Noop(failed.empty() ? "nothing was thrown" : "refused"));
}

asio::awaitable<void> raw(AGI& call) {
    const auto reply = co_await call.send("NOOP \"" + kLong + "\"");
    co_await call.send(std::string(reply.result()) + " " + kLong);
}

asio::awaitable<std::string> ask(AGI& call, std::string prompt) {
    co_return (co_await call.execute(GetData(std::move(prompt)))).digits;
}

asio::awaitable<void> nested(AGI& call) {
    co_await call.execute(Noop(co_await ask(call, kLong) + kLong));
    co_await call.execute(SetVariable(co_await ask(call, kLong), co_await ask(call, "x" + kLong)));
}

TEST_F(CoAwait, TakesTemporaries) {
    play(temporaries(call()));
}
TEST_F(CoAwait, TakesSetters) {
    play(setters(call()));
}
TEST_F(CoAwait, TakesAnyNumberOfArguments) {
    play(variadic(call()));
}
TEST_F(CoAwait, TakesStoredActionsAndStoredAwaitables) {
    play(stored(call()));
}
TEST_F(CoAwait, StandsInConditions) {
    play(conditions(call(), true));
    play(conditions(call(), false));
    play(only_a_condition(call()));
}
TEST_F(CoAwait, StandsInLoops) {
    play(loops(call()));
}
TEST_F(CoAwait, StandsBehindStructuredBindings) {
    play(bindings(call()));
}
TEST_F(CoAwait, StandsInTryBlocks) {
    play(catching(call()));
    EXPECT_EQ(commands_, "NOOP \"refused\"\n");
}
TEST_F(CoAwait, TakesRawLines) {
    play(raw(call()));
}
TEST_F(CoAwait, StandsInsideItsOwnArguments) {
    play(nested(call()));
}

}  // namespace
}  // namespace costrix::agi
