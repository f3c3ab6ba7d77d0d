// SPDX-License-Identifier: MIT
// Script paths and their query strings.
#include <costrix/agi/protocol/query.hpp>

#include <gtest/gtest.h>

namespace costrix::agi {
namespace {

TEST(Query, DecodesPercentAndPlus) {
    const Query query("name=J%C3%BCrgen+K&x%3d=%26&bad=%4&worse=%zz");
    EXPECT_EQ(query.first("name"), "J\xc3\xbcrgen K");
    EXPECT_EQ(query.first("x="), "&");
    EXPECT_EQ(query.first("bad"), "%4");
    EXPECT_EQ(query.first("worse"), "%zz");
}

TEST(Query, KeepsEveryValueOfANameAndBlankOnes) {
    const Query query("a=1&b=&a=2&&c&a=");
    EXPECT_EQ(query.all("a"), (std::vector<std::string_view>{"1", "2", ""}));
    EXPECT_EQ(query.first("b"), "");
    EXPECT_EQ(query.first("c"), "");
    EXPECT_EQ(query.first("d"), std::nullopt);
    EXPECT_EQ(query.size(), 5U);
}

TEST(ScriptPath, EndsAtTheFirstQuestionMark) {
    EXPECT_EQ(script_path("ivr/menu?a=1?b"), "ivr/menu");
    EXPECT_EQ(script_query("ivr/menu?a=1?b"), "a=1?b");
    EXPECT_EQ(script_path(""), "/");
    EXPECT_EQ(script_path("?a=1"), "/");
    EXPECT_EQ(script_query("ivr"), "");
    EXPECT_EQ(script_path("/x%20y#f"), "/x%20y#f");
}

}  // namespace
}  // namespace costrix::agi
