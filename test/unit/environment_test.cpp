// SPDX-License-Identifier: MIT
// The environment block: reading it cut anywhere, its limits, and looking things up.
#include <costrix/agi/protocol/environment.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::agi {
namespace {

using Event = EnvironmentReader::Event;

Event read(
    EnvironmentReader& reader,
    std::string_view input,
    std::size_t chunk,
    std::string* rest
) {
    while (!input.empty()) {
        auto part = input.substr(0, chunk);
        const auto size = part.size();
        const auto event = reader.next(part);
        input.remove_prefix(size - part.size());
        if (event != Event::need_more) {
            *rest = input;
            return event;
        }
    }
    return Event::need_more;
}

TEST(EnvironmentReader, EndsAtTheEmptyLineWhereverTheInputIsCut) {
    const std::string input = "agi_network: yes\nagi_channel: a: b\nagi_accountcode: \n\nHANGUP\n";
    for (std::size_t chunk = 1; chunk <= input.size(); ++chunk) {
        EnvironmentReader reader;
        std::string rest;
        EXPECT_EQ(read(reader, input, chunk, &rest), Event::complete);
        EXPECT_EQ(rest, "HANGUP\n");
        const auto environment = reader.take();
        EXPECT_EQ(environment.block(), "agi_network: yes\nagi_channel: a: b\nagi_accountcode: \n");
        EXPECT_EQ(environment.channel(), "a: b");
    }
}

TEST(EnvironmentReader, RefusesWhatIsNoAgi) {
    for (const char* input : {"GET / HTTP/1.1\r\n", "\n", "\x16\x03\x01\n"}) {
        EnvironmentReader reader;
        std::string rest;
        EXPECT_EQ(read(reader, input, 100, &rest), Event::not_agi) << input;
    }
}

TEST(EnvironmentReader, RecognizesAHeaderOfTheProxyProtocol) {
    for (const char* input : {"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "\r\n\r\n"}) {
        for (const std::size_t chunk : {1U, 100U}) {
            EnvironmentReader reader;
            std::string rest;
            EXPECT_EQ(read(reader, input, chunk, &rest), Event::proxy_header) << input;
        }
    }
}

TEST(EnvironmentReader, HasLimits) {
    const EnvironmentLimits limits{.lines = 3, .line_bytes = 20, .bytes = 50};
    struct Case {
        std::string input;
        Event event;
    };
    const Case cases[] = {
        {"agi_a: 1\nagi_b: 2\nagi_c: 3\n\n", Event::complete},
        {"agi_a: 1\nagi_b: 2\nagi_c: 3\nagi_d: 4\n", Event::too_many_lines},
        {"agi_a: " + std::string(20, 'x'), Event::line_too_long},
        {"agi_a: 0123456789\nagi_a: 0123456789\nagi_a: 0123456789\n", Event::too_large},
        {"agi_a: 0123456789\n" + std::string(100, 'x'), Event::line_too_long},
    };
    for (const auto& [input, event] : cases) {
        for (const std::size_t chunk : {1U, 5U, 1000U}) {
            EnvironmentReader reader(limits);
            std::string rest;
            EXPECT_EQ(read(reader, input, chunk, &rest), event) << input;
        }
    }
}

TEST(EnvironmentReader, TakesLinesThatEndInCarriageReturns) {
    const std::string input =
        "agi_network: yes\r\nagi_callerid: 1\r2\r\nagi_arg_1: a\nagi_arg_2: \r\n\r\nHANGUP\r\n";
    for (std::size_t chunk = 1; chunk <= input.size(); ++chunk) {
        EnvironmentReader reader;
        std::string rest;
        EXPECT_EQ(read(reader, input, chunk, &rest), Event::complete) << chunk;
        EXPECT_EQ(rest, "HANGUP\r\n");
        EXPECT_TRUE(reader.has_carriage_returns());
        EXPECT_EQ(
            reader.take().block(),
            "agi_network: yes\nagi_callerid: 1\r2\nagi_arg_1: a\nagi_arg_2: \n"
        );
    }
}

TEST(EnvironmentReader, KeepsCarriageReturnsThatAreAsterisks) {
    std::string_view input = "agi_network: yes\nagi_arg_1: a\r\n\r\nagi_arg_2: \n\n";
    EnvironmentReader reader;
    EXPECT_EQ(reader.next(input), Event::complete);
    EXPECT_FALSE(reader.has_carriage_returns());
    EXPECT_EQ(reader.take().argument(1), "a\r");
}

TEST(Environment, KeepsTheFirstValueOfAKey) {
    const Environment environment("agi_callerid: 100\nagi_callerid: 911\n");
    EXPECT_EQ(environment.caller_id(), "100");
    EXPECT_EQ(environment.to_map().at("agi_callerid"), "100");
}

TEST(Environment, KeepsValuesByteForByte) {
    const Environment environment(
        "agi_arg_1:  two blanks \nagi_calleridname: \xff\"x\"\nagi_x: a: b\n"
    );
    EXPECT_EQ(environment.argument(1), " two blanks ");
    EXPECT_EQ(environment.caller_id_name(), "\xff\"x\"");
    EXPECT_EQ(environment.get("agi_x"), "a: b");
}

TEST(Environment, TellsMissingFromEmpty) {
    const Environment environment("agi_accountcode: \n");
    EXPECT_EQ(environment.find("agi_accountcode"), "");
    EXPECT_EQ(environment.find("agi_account"), std::nullopt);
    EXPECT_EQ(environment.find("agi_channel"), std::nullopt);
}

TEST(Environment, KnowsThatUnknownMeansNone) {
    const Environment environment("agi_callerid: unknown\nagi_dnid: 4000\nagi_priority: 2\n");
    EXPECT_EQ(environment.caller_id(), std::nullopt);
    EXPECT_EQ(environment.dnid(), "4000");
    EXPECT_EQ(environment.rdnis(), std::nullopt);
    EXPECT_EQ(environment.priority(), 2);
    EXPECT_EQ(environment.calling_presentation(), std::nullopt);
}

TEST(Environment, CountsItsArguments) {
    const Environment environment("agi_arg_1: \nagi_arg_2: b\nagi_arg_10: j\n");
    EXPECT_EQ(environment.argument(1), "");
    EXPECT_EQ(environment.argument(2), "b");
    EXPECT_EQ(environment.argument(3), std::nullopt);
    EXPECT_EQ(environment.argument(10), "j");
}

/// Asterisk's usual block, but for its arguments.
const std::string kUsual =
    "agi_network: yes\nagi_network_script: ivr?x=1\nagi_request: agi://host/ivr?x=1\n"
    "agi_channel: PJSIP/100-1\nagi_language: en\nagi_type: PJSIP\nagi_uniqueid: 1.1\n"
    "agi_version: 22.6.0\nagi_callerid: 100\nagi_calleridname: unknown\nagi_callingpres: 0\n"
    "agi_callingani2: 0\nagi_callington: 0\nagi_callingtns: 0\nagi_dnid: 4000\n"
    "agi_rdnis: unknown\nagi_context: default\nagi_extension: h\nagi_priority: 1\n"
    "agi_enhanced: 0.0\nagi_accountcode: \nagi_threadid: 1\n";

TEST(Environment, FindsTheSameWhereverItKnowsThePlaces) {
    const std::string arguments = "agi_arg_1: a\nagi_arg_2: " + std::string(70'000, 'b') + '\n';
    for (const auto& block : {
             kUsual,
             kUsual + "agi_arg_1: a\n",
             kUsual + arguments,                                       // too large for known places
             "agi_other: 1\n" + kUsual,                                // unusual
             kUsual.substr(0, kUsual.find("agi_threadid")) + "x: y\n"  // the same
         }) {
        Environment environment(block);
        EXPECT_EQ(environment.network_script(), "ivr?x=1");
        EXPECT_EQ(environment.version(), "22.6.0");
        EXPECT_EQ(environment.extension(), "h");
        EXPECT_EQ(environment.argument(1), environment.find("agi_arg_1"));
        EXPECT_EQ(environment.arguments().empty(), !environment.argument(1));
        const auto moved = std::move(environment);
        EXPECT_EQ(moved.extension(), "h");
        // NOLINTNEXTLINE(bugprone-use-after-move): what is left behind may be asked
        EXPECT_EQ(environment.extension(), "");
        EXPECT_EQ(environment.network_script(), "");
        EXPECT_TRUE(environment.arguments().empty());
    }
}

TEST(Environment, IteratesInOrderPastLinesWithoutAColon) {
    const Environment environment("agi_a: 1\nforged\nagi_b: \nagi_a: 2\n");
    std::string seen;
    for (const auto& [key, value] : environment)
        seen.append(key).append("=").append(value).append(";");
    EXPECT_EQ(seen, "agi_a=1;agi_b=;agi_a=2;");
    EXPECT_EQ(Environment().begin(), Environment().end());
}

TEST(Environment, GivesItsArgumentsInTheirOrder) {
    const Environment environment(
        "agi_arg_2: two\nagi_arg_1: one\nagi_arg_10: ten\nagi_arg_03: no\nagi_arg_3: \n"
        "agi_arg_: no\nagi_arg_5: beyond the gap\nagi_arg_99999999999999999999: no\nagi_arg_3x: "
        "no\n"
    );
    EXPECT_EQ(environment.arguments(), (std::vector<std::string_view>{"one", "two", ""}));
    EXPECT_TRUE(Environment("agi_channel: x\n").arguments().empty());
}

TEST(Environment, FindsManyArgumentsInOnePass) {
    constexpr std::size_t kMany = 50'000;  // to look up one after the other takes many seconds
    std::string block;
    for (std::size_t n = 1; n <= kMany; ++n)
        block += "agi_arg_" + std::to_string(n) + ": x\n";
    const Environment environment(std::move(block));
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(environment.arguments().size(), kMany);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

}  // namespace
}  // namespace costrix::agi
