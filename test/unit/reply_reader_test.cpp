// SPDX-License-Identifier: MIT
// The reply grammar, with the input cut at any byte.
#include <costrix/agi/protocol/reply_reader.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace costrix::agi {
namespace {

/// Every event of `input` in words, the input given in chunks.
std::vector<std::string>
events(std::string_view input, std::size_t chunk, ReplyForm form, std::size_t most = 65536) {
    ReplyReader reader(most);
    reader.expect(form);
    std::vector<std::string> seen;
    while (!input.empty()) {
        auto part = input.substr(0, chunk);
        input.remove_prefix(part.size());
        while (true) {
            const auto event = reader.next(part);
            const std::string text(reader.reply().text());
            if (event == ReplyReader::Event::need_more)
                break;
            switch (event) {
            case ReplyReader::Event::hangup:
                seen.push_back("hangup");
                break;
            case ReplyReader::Event::provisional:
                seen.push_back("provisional " + text);
                break;
            case ReplyReader::Event::reply:
                seen.push_back(std::to_string(reader.reply().code()) + " " + text);
                break;
            case ReplyReader::Event::junk:
                seen.push_back("junk " + text);
                break;
            case ReplyReader::Event::line_too_long:
                seen.push_back("line too long");
                return seen;
            default:
                seen.push_back("too large");
                return seen;
            }
        }
        EXPECT_TRUE(part.empty());
    }
    return seen;
}

/// The same at every chunk size that matters.
void expect_events(
    std::string_view input,
    const std::vector<std::string>& expected,
    ReplyForm form = ReplyForm::line
) {
    for (const std::size_t chunk : {1U, 2U, 7U, 64U, 100000U})
        EXPECT_EQ(events(input, chunk, form), expected) << "in chunks of " << chunk;
}

TEST(ReplyReader, ReadsAnOrdinaryReply) {
    expect_events("200 result=0\n", {"200 200 result=0"});
}

TEST(ReplyReader, ReadsSeveralInOneChunk) {
    expect_events("200 result=0\n200 result=1\n", {"200 200 result=0", "200 200 result=1"});
}

TEST(ReplyReader, FindsHangupBeforeBetweenAndBehindReplies) {
    expect_events(
        "HANGUP\nHANGUP\n511 Command Not Permitted on a dead channel or intercept "
        "routine\nHANGUP\n",
        {"hangup",
         "hangup",
         "511 511 Command Not Permitted on a dead channel or intercept routine",
         "hangup"}
    );
}

TEST(ReplyReader, FindsAHangupGluedToAReplyAsAsterisk16Sent) {
    expect_events("HANGUP511 Command Not Permitted\n", {"hangup", "511 511 Command Not Permitted"});
}

TEST(ReplyReader, DoesNotTakeAValueForAHangup) {
    expect_events("200 result=1 (HANGUP)\n", {"200 200 result=1 (HANGUP)"}, ReplyForm::value);
    expect_events("HANGUPS\n", {"junk HANGUPS"});
}

TEST(ReplyReader, TreatsHundredAsNotYet) {
    expect_events(
        "100 result=0 Trying...\n200 result=0 Gosub complete\n",
        {"provisional 100 result=0 Trying...", "200 200 result=0 Gosub complete"}
    );
}

TEST(ReplyReader, ReadsTheThreeFormsOf520) {
    expect_events(
        "520-Invalid command syntax.  Proper usage follows:\none\n\ntwo\n520 End of proper usage.\n"
        "200 result=0\n",
        {"520 520-Invalid command syntax.  Proper usage follows:\none\n\ntwo\n"
         "520 End of proper usage.",
         "200 200 result=0"}
    );
    expect_events(
        "520 Invalid command syntax.  Proper usage not available.\n200 result=0\n",
        {"520 520 Invalid command syntax.  Proper usage not available.", "200 200 result=0"}
    );
    expect_events(
        "520-Invalid command syntax.  Proper usage follows:\nusage520 End of proper usage.\n",
        {"520 520-Invalid command syntax.  Proper usage follows:\nusage520 End of proper usage."}
    );
}

TEST(ReplyReader, ReadsOtherCodes) {
    expect_events(
        "510 Invalid or unknown command\n503 result=-2 Memory allocation failure\n",
        {"510 510 Invalid or unknown command", "503 503 result=-2 Memory allocation failure"}
    );
}

TEST(ReplyReader, KeepsNewlinesInsideAValue) {
    expect_events(
        "200 result=1 (one\ntwo\n200 result=1 (forged))\n",
        {"200 200 result=1 (one\ntwo\n200 result=1 (forged))"},
        ReplyForm::value
    );
    expect_events(
        "200 result=1 (one\nHANGUP\n)\nHANGUP\n",
        {"200 200 result=1 (one\nHANGUP\n)", "hangup"},
        ReplyForm::value
    );
}

TEST(ReplyReader, EndsAFlagAtItsLine) {
    expect_events(
        "200 result=1 (speech) endpos=5 results=1 text0=\"(\"\n",
        {"200 200 result=1 (speech) endpos=5 results=1 text0=\"(\""}
    );
}

TEST(ReplyReader, CallsEverythingElseJunk) {
    expect_events(
        "hello\n\n20 result=0\n2000\n", {"junk hello", "junk ", "junk 20 result=0", "junk 2000"}
    );
}

TEST(ReplyReader, KeepsBytesThatAreNoText) {
    expect_events(
        "200 result=1 (\xff\x01\r)\n", {"200 200 result=1 (\xff\x01\r)"}, ReplyForm::value
    );
}

TEST(ReplyReader, StopsAtItsLimit) {
    const std::string line = "200 result=1 (" + std::string(100, 'x');
    EXPECT_EQ(events(line, 3, ReplyForm::value, 64), std::vector<std::string>{"too large"});
    EXPECT_EQ(
        events("200 result=1 (\n\n\n\n\n\n\n\n\n\n", 100, ReplyForm::value, 16),
        std::vector<std::string>{"too large"}
    );
    std::string usage = "520-Invalid\n";
    for (int i = 0; i < 100; ++i)
        usage += "usage\n";
    EXPECT_EQ(events(usage, 50, ReplyForm::line, 200), std::vector<std::string>{"too large"});
}

TEST(ReplyReader, KeepsNothingOverItsLimits) {
    using Event = ReplyReader::Event;
    struct Row {
        std::size_t bytes, line, kept;  // limits, and what fits into both
        Event event;
    };
    const std::string input = "200-first\n" + std::string(100, 'x');
    for (const auto& [bytes, line, kept, over] : {
             Row{64, 1000, 64, Event::too_large},
             Row{64, 54, 64, Event::too_large},  // both end there
             Row{64, 20, 30, Event::line_too_long},
             Row{9, 1000, 9, Event::too_large},  // no room for the line feed
         }) {
        for (const std::size_t chunk : {1U, 1000U}) {
            ReplyReader reader(bytes, line);
            Event event = Event::need_more;
            for (std::size_t at = 0; event == Event::need_more && at < input.size(); at += chunk) {
                auto part = std::string_view(input).substr(at, chunk);
                event = reader.next(part);
            }
            EXPECT_EQ(event, over) << bytes << ' ' << line << " in chunks of " << chunk;
            EXPECT_LE(reader.reply().text().size(), kept);
        }
    }
}

TEST(ReplyReader, KnowsWhetherALineHasBegun) {
    ReplyReader reader(100);
    EXPECT_FALSE(reader.partial());
    std::string_view input = "20";
    reader.next(input);
    EXPECT_TRUE(reader.partial());
}

struct ReplyParts {
    std::string text;
    std::string result, rest;
    std::optional<std::string> value;
    std::optional<std::int64_t> endpos, number;
};

TEST(Reply, FindsItsParts) {
    const ReplyParts cases[] = {
        {"200 result=0", "0", "", {}, {}, 0},
        {"200 result=-1 endpos=2560", "-1", "endpos=2560", {}, 2560, -1},
        {"200 result=53 endpos=-1", "53", "endpos=-1", {}, -1, 53},
        {"200 result=", "", "", {}, {}, {}},
        {"200 result= (timeout)", "", "(timeout)", "timeout", {}, {}},
        {"200 result=8*", "8*", "", {}, {}, {}},
        {"200 result=007 (timeout)", "007", "(timeout)", "timeout", {}, 7},
        {"200 result=1 ()", "1", "()", "", {}, 1},
        {"200 result=1 (a (b) c) (d)", "1", "(a (b) c) (d)", "a (b) c) (d", {}, 1},
        {"200 result=1 ((x) endpos=5 (y))", "1", "((x) endpos=5 (y))", "(x) endpos=5 (y)", {}, 1},
        {"200 result=35 (dtmf) endpos=99", "35", "(dtmf) endpos=99", "dtmf", 99, 35},
        {"200 result=99999999999999999999", "99999999999999999999", "", {}, {}, {}},
    };
    for (const auto& expected : cases) {
        const Reply reply(200, expected.text);
        EXPECT_TRUE(reply.ok()) << expected.text;
        EXPECT_EQ(reply.result(), expected.result) << expected.text;
        EXPECT_EQ(reply.rest(), expected.rest) << expected.text;
        EXPECT_EQ(reply.value(), expected.value) << expected.text;
        EXPECT_EQ(reply.endpos(), expected.endpos) << expected.text;
        EXPECT_EQ(reply.number(), expected.number) << expected.text;
    }
}

TEST(Reply, GivesTheUsageTextOfA520) {
    EXPECT_EQ(Reply(520, "520-Invalid\none\ntwo\n520 End of proper usage.").usage(), "one\ntwo");
    EXPECT_EQ(Reply(520, "520 Invalid command syntax.").usage(), "");
}

TEST(Reply, HasTheItemsOfTheSpecification) {
    const std::map<std::string, std::string> expected{
        {"result", "-1"}, {"value", "hangup"}, {"endpos", "12"}};
    EXPECT_EQ(Reply(200, "200 result=-1 (hangup) endpos=12").items(), expected);
    EXPECT_TRUE(Reply(510, "510 Invalid or unknown command").items().empty());
}

}  // namespace
}  // namespace costrix::agi
