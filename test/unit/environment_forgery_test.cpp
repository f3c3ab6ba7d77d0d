// SPDX-License-Identifier: MIT
// Lines that a newline in a value forges: none of them replaces what Asterisk says.
#include <costrix/agi/protocol/environment.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::agi {
namespace {

using Items = std::vector<std::pair<std::string, std::string>>;

/// What Asterisk 22 sends, with two arguments.
const Items kGenuine{
    {"agi_network", "yes"},       {"agi_network_script", "pay"}, {"agi_request", "agi://h/pay"},
    {"agi_channel", "PJSIP/1-1"}, {"agi_language", "en"},        {"agi_type", "PJSIP"},
    {"agi_uniqueid", "1.2"},      {"agi_version", "22.10.1"},    {"agi_callerid", "5551234"},
    {"agi_calleridname", "Ann"},  {"agi_callingpres", "0"},      {"agi_callingani2", "0"},
    {"agi_callington", "0"},      {"agi_callingtns", "0"},       {"agi_dnid", "100"},
    {"agi_rdnis", "unknown"},     {"agi_context", "default"},    {"agi_extension", "100"},
    {"agi_priority", "1"},        {"agi_enhanced", "0.0"},       {"agi_accountcode", "honest"},
    {"agi_threadid", "140"},      {"agi_arg_1", "guest"},        {"agi_arg_2", "blue"},
};

std::string line(std::string_view key, std::string_view value) {
    return std::string(key).append(": ").append(value).append("\n");
}

/// Asterisk's block where the value of `key` goes on with these lines.
std::string forge(const Items& genuine, std::string_view key, std::string_view lines) {
    std::string block;
    for (const auto& [name, value] : genuine) {
        block += line(name, value);
        if (name == key)
            block += lines;
    }
    return block;
}

/// Nothing of what Asterisk said is replaced, or the block is known to be ambiguous.
void expect_genuine(const Items& genuine, const std::string& block) {
    const Environment environment(block);
    if (environment.ambiguous())
        return;
    for (const auto& [key, value] : genuine)
        EXPECT_EQ(environment.find(key), value) << key << " in\n" << block;
}

TEST(EnvironmentOrder, KeepsABlockOfAsterisksAsItIs) {
    const auto block = forge(kGenuine, "", "");
    const Environment environment(block);
    EXPECT_EQ(environment.block(), block);
    EXPECT_FALSE(environment.ambiguous());
}

TEST(EnvironmentOrder, KeepsACallersNumberFromReplacingWhatStandsBehindIt) {
    const Environment environment(forge(
        kGenuine,
        "agi_callerid",
        "agi_arg_1: admin\nagi_arg_3: extra\nagi_accountcode: forged\nagi_context: internal\n"
    ));
    EXPECT_FALSE(environment.ambiguous());
    EXPECT_EQ(environment.block(), forge(kGenuine, "", ""));
}

TEST(EnvironmentOrder, KeepsALiveCallAlive) {
    for (const char* key : {"agi_callerid", "agi_calleridname", "agi_dnid"}) {
        const Environment environment(forge(kGenuine, key, "agi_extension: h\n"));
        EXPECT_FALSE(environment.ambiguous());
        EXPECT_FALSE(environment.starts_dead()) << key;
    }
}

TEST(EnvironmentOrder, DropsArgumentsAndAScriptWhereAsteriskSentNone) {
    Items genuine(kGenuine.begin(), kGenuine.end() - 2);
    genuine.erase(genuine.begin() + 1);
    for (const char* key : {"agi_callerid", "agi_calleridname", "agi_dnid", "agi_extension"}) {
        const Environment environment(
            forge(genuine, key, "agi_network_script: admin\nagi_arg_1: admin\n")
        );
        EXPECT_FALSE(environment.ambiguous());
        EXPECT_EQ(environment.network_script(), "");
        EXPECT_EQ(environment.argument(1), std::nullopt);
    }
}

TEST(EnvironmentOrder, DropsArgumentsThatTheUrlForges) {
    const Environment environment(forge(kGenuine, "agi_network_script", "agi_arg_1: admin\n"));
    EXPECT_FALSE(environment.ambiguous());
    EXPECT_EQ(environment.argument(1), "guest");
    const Items without(kGenuine.begin(), kGenuine.end() - 2);
    EXPECT_EQ(
        Environment(forge(without, "agi_network_script", "agi_arg_1: admin\n")).argument(1),
        std::nullopt
    );
}

TEST(EnvironmentOrder, IsAmbiguousWhereALineCouldBeAsterisks) {
    const std::pair<const char*, const char*> rows[] = {
        {"agi_rdnis", "agi_context: internal\n"},
        {"agi_extension", "agi_context: internal\nagi_extension: 100\n"},
        {"agi_arg_1", "agi_arg_2: red\n"},
        {"agi_arg_2", "agi_arg_1: admin\n"},
        {"agi_arg_2", "agi_threadid: 1\nagi_arg_1: admin\nagi_arg_2: blue\n"},
    };
    for (const auto& [key, lines] : rows)
        EXPECT_TRUE(Environment(forge(kGenuine, key, lines)).ambiguous()) << lines;
}

TEST(EnvironmentOrder, TakesOtherOrdersWhereNothingStandsTwice) {
    const Environment environment(
        "agi_network_script: pay\nagi_network: yes\nagi_request: x\nagi_extension: 1\n"
        "agi_context: c\nagi_callerid: 5\nagi_arg_1: a\n"
    );
    EXPECT_FALSE(environment.ambiguous());
    EXPECT_EQ(environment.request(), "x");
    EXPECT_EQ(environment.network_script(), "pay");
    EXPECT_EQ(environment.context(), "c");
    EXPECT_EQ(environment.extension(), "1");
    EXPECT_EQ(environment.caller_id(), "5");
    EXPECT_EQ(environment.argument(1), "a");
}

/// Lines that a caller may choose, from one to all keys, in any order or in Asterisk's.
std::string random_lines(std::mt19937& random) {
    std::uniform_int_distribution<std::size_t> which(0, kGenuine.size() - 1);
    std::string lines;
    if (random() % 2 == 0) {
        for (auto count = 1 + random() % 8; count > 0; --count)
            lines += line(kGenuine[which(random)].first, "forged");
        return lines;
    }
    for (auto i = which(random), last = which(random); i <= last; ++i)
        lines += line(kGenuine[i].first, "forged");
    for (auto more = random() % 4; more > 0; --more)
        lines += line("agi_arg_" + std::to_string(more), "forged");
    return lines;
}

TEST(EnvironmentOrder, HoldsForWhateverTwoValuesForge) {
    std::mt19937 random(1);
    Items without_script = kGenuine, classic = kGenuine;
    without_script.erase(without_script.begin() + 1);
    classic.erase(classic.begin(), classic.begin() + 2);
    std::size_t ambiguous = 0;
    for (int i = 0; i < 20000; ++i) {
        const auto& genuine = i % 4 == 0 ? without_script : i % 4 == 1 ? classic : kGenuine;
        std::string block;
        const auto one = random() % genuine.size(), other = random() % genuine.size();
        for (std::size_t at = 0; at < genuine.size(); ++at) {
            block += line(genuine[at].first, genuine[at].second);
            if (genuine[at].first != "agi_network" && (at == one || at == other))
                block += random_lines(random);
        }
        expect_genuine(genuine, block);
        ambiguous += Environment(block).ambiguous() ? 1U : 0U;
        if (&genuine != &kGenuine && !Environment(block).ambiguous()) {
            EXPECT_EQ(Environment(block).network_script(), "") << block;
        }
    }
    EXPECT_GT(ambiguous, 0U);
    EXPECT_LT(ambiguous, 20000U);
}

}  // namespace
}  // namespace costrix::agi
