// SPDX-License-Identifier: MIT
// Arguments and values of every kind: they reach a real Asterisk exactly, or are refused.
#include "asterisk/asterisk_fixture.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::agi {
namespace {

using namespace std::chrono_literals;

class ArgumentsTest : public test::AsteriskTest {
protected:
    /// Places a call that runs this handler to its end; AGISTATUS.
    std::string place(ScriptHandler handler, std::map<std::string, std::string> variables = {}) {
        serve(std::move(handler));
        auto call = plan("arguments");
        call.variables = std::move(variables);
        const auto outcome = asterisk_.place(call);
        finish();
        EXPECT_FALSE(log_.has("error")) << log_.text();
        return outcome.agistatus;
    }
};

/// All bytes that a command can carry, from `first` to the end.
std::string bytes_from(int first) {
    std::string bytes;
    for (int byte = first; byte < 256; ++byte)
        if (byte != '\n' && byte != '\r')
            bytes += static_cast<char>(byte);
    return bytes;
}

TEST_F(ArgumentsTest, GetVariablesBringsAnyValueExactly) {
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

TEST_F(ArgumentsTest, HostileArgumentsArriveOrAreRefused) {
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

// --- applications and subroutines ----------------------------------------------------------------

const std::vector<std::string> awkward{
    "a,b",       "a\"b",   "\"",        "a\\b",    "\\",       "a\\",    "a(b",   "a)b",
    ")",         "(",      "[x",        "x]",      "a(b,c)d",  "\\\"",   "a\\,b", " lead",
    "a\"b,c\"d", "trail ", "",          "a b",     "${EXTEN}", "$[1+1]", "a|b",   "it's",
    "(a),(b)",   "a;b",    "U(evil),s", "\"quo\"", "a=b",      "é",      "\t",    "x(${ARG1})",
};

// AGI() takes its arguments apart as most applications do.
TEST_F(ArgumentsTest, AnApplicationGetsEachArgumentExactly) {
    std::vector<std::string> seen;
    std::size_t rounds = 0;
    auto flow = [&](AGI& call, const Request& request) -> asio::awaitable<void> {
        if (request.path == "inner") {
            seen = request.args;
            co_return;
        }
        const auto url = "agi://127.0.0.1:" + std::to_string(server_.port()) + "/inner";
        for (; rounds < awkward.size(); ++rounds) {
            const auto& value = awkward[rounds];
            co_await call.execute(Exec("AGI", url, value, "end"));
            EXPECT_EQ(seen, (std::vector<std::string>{value, "end"}));
        }
    };
    EXPECT_EQ(place(flow), "SUCCESS");
    EXPECT_EQ(rounds, awkward.size());
}

TEST_F(ArgumentsTest, AnApplicationGetsItsTextAsItIs) {
    std::size_t rounds = 0;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        for (; rounds < awkward.size(); ++rounds) {
            const auto& value = awkward[rounds];
            co_await call.execute(Exec("Set", "COSTRIX_TEXT=" + value));
            EXPECT_EQ(co_await call.execute(GetVariable("COSTRIX_TEXT")), value);
        }
    };
    EXPECT_EQ(place(flow), "SUCCESS");
    EXPECT_EQ(rounds, awkward.size());
}

TEST_F(ArgumentsTest, ASubroutineGetsEachArgumentExactlyOrItIsRefused) {
    std::size_t exact = 0, refusals = 0;
    auto flow = [&](AGI& call, const Request&) -> asio::awaitable<void> {
        for (const auto& value : awkward) {
            try {
                co_await call.execute(Gosub("costrix-sub", "keep", "1", value, "end"));
            } catch (const AGIUsageError&) {
                ++refusals;
                continue;
            }
            ++exact;
            EXPECT_EQ(co_await call.execute(GetVariable("COSTRIX_KEPT_1")), value);
            EXPECT_EQ(co_await call.execute(GetVariable("COSTRIX_KEPT_2")), "end");
        }
    };
    EXPECT_EQ(place(flow), "SUCCESS");
    EXPECT_EQ(exact + refusals, awkward.size());
    EXPECT_GT(exact, awkward.size() / 2);
}

}  // namespace
}  // namespace costrix::agi
