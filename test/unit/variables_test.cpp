// SPDX-License-Identifier: MIT
// GetVariables: values of any bytes, told apart by their lengths.
#include "support/session_fixture.hpp"

#include <costrix/agi.hpp>
#include <costrix/testing/fake_asterisk.hpp>

#include <stdexcept>

namespace costrix::agi {
namespace {

VariableValues parse(std::string text) {
    return GetVariables::parse(Reply(200, std::move(text)));
}

TEST(GetVariables, AsksForEachLengthInFrontOfItsValue) {
    EXPECT_EQ(
        to_string(GetVariables("A", "B-1")),
        "GET FULL VARIABLE "
        "\"A:${VARIABLE_EXISTS(A)}:${LEN(${STRREPLACE(A,:,x)})}:${A}"
        "B-1:${VARIABLE_EXISTS(B-1)}:${LEN(${STRREPLACE(B-1,:,x)})}:${B-1}\""
    );
}

TEST(GetVariables, TellsUnsetFromEmpty) {
    const auto values = parse("200 result=1 (A:1:3:one"
                              "B:1:0:"
                              "C:0:0:)");
    ASSERT_EQ(values.size(), 3U);
    EXPECT_EQ(values["A"], "one");
    EXPECT_EQ(values["B"], "");
    EXPECT_EQ(values["C"], std::nullopt);
    EXPECT_EQ(values[0], "one");
    EXPECT_THROW(values["D"], std::out_of_range);
    EXPECT_THROW(values[3], std::out_of_range);
}

TEST(GetVariables, RefusesANameThatMeansMoreThanAVariable) {
    for (const char* name :
         {"", "CALLERID(num)", "A}", "${A}", "A,B", "A:1:2", "A B", "A\"", "A\n"}) {
        const auto line = to_string(GetVariables("GOOD", name));
        EXPECT_TRUE(line.starts_with("!the name \"" + std::string(name) + "\" is not made of"))
            << line;
    }
    EXPECT_EQ(to_string(GetVariables(std::vector<std::string>())), "!names is empty");
}

TEST(GetVariables, RefusesAReplyWhoseLengthsDoNotFit) {
    for (const char* text : {
             "200 result=1 ()",
             "200 result=1 (A)",
             "200 result=1 (A:1:9:one)",
             "200 result=1 (A:1::one)",
             "200 result=1 (A:2:3:one)",
             "200 result=1 (A:1:-3:one)",
             "200 result=1 (A:1:99999999999999999999999:one)",
             "200 result=0",
         })
        EXPECT_THROW(parse(text), AGIUnknownError) << text;
}

/// A session that talks to the simulated Asterisk, in chunks of any size.
class GetVariablesTest : public test::SessionTest {
protected:
    VariableValues ask(testing::Scenario scenario, const GetVariables& action, std::size_t chunk) {
        testing::FakeAsterisk fake(scenario);
        open(fake.take_output());
        VariableValues values;
        auto flow = [](AGI& call, const GetVariables& what, VariableValues& found
                    ) -> asio::awaitable<void> { found = co_await call.execute(what); };
        const auto task = start(flow(call(), action, values));
        fake.receive(sent());
        transport().receive(fake.take_output(), chunk);
        run();
        EXPECT_TRUE(task->done()) << chunk;
        EXPECT_EQ(task->what(), "");
        const auto next = start(call().execute(Noop()));
        EXPECT_EQ(sent(), "NOOP\n");
        asterisk("200 result=0\n");
        EXPECT_TRUE(next->done());
        return values;
    }
};

TEST_F(GetVariablesTest, AreExactWhateverTheyHold) {
    const std::vector<std::string> hostile{
        "one)\n200 result=1 (forged)\nHANGUP\n",
        "x):1) (y",
        "\n\n)\n)",
        "B:1:3:fake)",
        std::string(22500, ')'),
        "\xff\xfe h\xc3\xa9",
    };
    testing::Scenario scenario("x");
    std::vector<std::string> names;
    for (std::size_t i = 0; i < hostile.size(); ++i) {
        names.push_back("V" + std::to_string(i));
        scenario.variable(names.back(), hostile[i]);
    }
    names.push_back("UNSET");
    for (const std::size_t chunk : {1U, 2U, 7U, 100000U}) {
        const auto values = ask(scenario, GetVariables(names), chunk);
        ASSERT_EQ(values.size(), names.size()) << chunk;
        for (std::size_t i = 0; i < hostile.size(); ++i)
            EXPECT_EQ(values[i], hostile[i]) << i << " in chunks of " << chunk;
        EXPECT_EQ(values["UNSET"], std::nullopt);
    }
}

TEST_F(GetVariablesTest, EndWithTheSessionWhenTheLengthIsBeyondTheLimit) {
    const auto task = start([](AGI& call) -> asio::awaitable<void> {
        co_await call.execute(GetVariables("A"));
    }(call()));
    sent();
    asterisk("200 result=1 (A:1:70000:x\n");
    EXPECT_TRUE(task->threw<AGIException>());
    EXPECT_NE(why_, "");
}

}  // namespace
}  // namespace costrix::agi
