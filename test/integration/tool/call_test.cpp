// SPDX-License-Identifier: MIT
// `costrix call`: scripted and with a terminal, against the samples and a peer's server.
#include "integration/tool/tool_fixture.hpp"
#include "support/pseudo_terminal.hpp"
#include "support/tcp_acceptor.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <string>

namespace costrix {
namespace {

using test::contains;
using test::PseudoTerminal;
using test::run_tool;
using test::Service;
using test::ToolRun;
using ::testing::Test;

const std::vector<std::string> kIvr{COSTRIX_BIN_DIR "/ivr", "0"};

class CallTest : public Test {
protected:
    [[nodiscard]] ToolRun call(const std::string& path, std::vector<std::string> options) const {
        std::vector<std::string> words{"call", service_.url(path), "--speed", "20"};
        words.insert(words.end(), options.begin(), options.end());
        return run_tool(words);
    }

    Service service_{kIvr};
};

TEST_F(CallTest, AnswersPromptsInTurn) {
    const auto run = call("menu", {"--answer", "7@vm-options", "--answer", "2@vm-options"});
    EXPECT_EQ(run.status, 3) << run.output;
    EXPECT_TRUE(contains(run.output, "caller presses 7")) << run.output;
    EXPECT_TRUE(contains(run.output, "plays invalid (2.00 s)")) << run.output;
    EXPECT_TRUE(contains(run.output, "script: SET VARIABLE \"DEPARTMENT\" \"2\"")) << run.output;
    EXPECT_TRUE(contains(run.output, "AGISTATUS HANGUP")) << run.output;
}

TEST_F(CallTest, PressesDigitsWhereTheScriptListens) {
    const auto run = call("pin/1234", {"--digits", "1234", "--json"});
    EXPECT_EQ(run.status, 0) << run.output;
    EXPECT_TRUE(contains(run.output, "\"PIN_OK\": \"1\"")) << run.output;
    EXPECT_TRUE(contains(run.output, "\"agistatus\": \"SUCCESS\"")) << run.output;
}

TEST_F(CallTest, TellsAWrongPinFromTheRightOne) {
    const auto run = call("pin/1234", {"--digits", "9999", "--json"});
    EXPECT_TRUE(contains(run.output, "\"PIN_OK\": \"0\"")) << run.output;
}

TEST_F(CallTest, HangsUp) {
    const auto run = call("menu", {"--hangup-after", "1s", "--quiet"});
    EXPECT_EQ(run.status, 3) << run.output;
    EXPECT_EQ(run.output.find("hung up by the caller, ended after "), 0U) << run.output;
}

TEST_F(CallTest, GivesUpAtTheTimeLimit) {
    const auto run = call("menu", {"--timeout", "1s", "-q"});
    EXPECT_EQ(run.status, 6) << run.output;
}

TEST_F(CallTest, LeavesTheWireOutOnDemand) {
    const auto run = call("menu", {"--no-wire", "--answer", "1@vm-options"});
    EXPECT_TRUE(contains(run.output, "says 1")) << run.output;
    EXPECT_FALSE(contains(run.output, "STREAM FILE")) << run.output;
}

TEST_F(CallTest, ReportsAFailedCommand) {
    const auto run = call("pin/1234", {"--digits", "1234", "--no-sound", "auth-thankyou"});
    EXPECT_EQ(run.status, 1) << run.output;
    EXPECT_TRUE(contains(run.output, "has no sound file auth-thankyou")) << run.output;
}

TEST(Call, SaysThatNobodyListens) {
    test::TcpAcceptor nobody;
    const auto port = std::to_string(nobody.port());
    nobody.close();
    const auto run = run_tool({"call", "agi://127.0.0.1:" + port + "/x"});
    EXPECT_EQ(run.status, 4);
    EXPECT_TRUE(contains(run.output, "Connection refused")) << run.output;
}

TEST(Call, SaysThatTheServerClosedWithoutACommand) {
    test::TcpAcceptor server;
    std::vector<std::string> words{test::kTool, "call"};
    words.push_back("agi://127.0.0.1:" + std::to_string(server.port()) + "/x");
    test::ChildProcess caller(words);
    auto peer = server.accept();
    while (!peer->line().empty()) {  // the environment block, up to its empty line
    }
    peer.reset();
    EXPECT_EQ(caller.wait(), 5) << caller.output();
    EXPECT_TRUE(contains(caller.output(), "without a command")) << caller.output();
}

TEST(Call, BlamesNobodyWhenTheCallerHangsUpBeforeAnything) {
    test::TcpAcceptor server;
    test::ChildProcess caller(
        {test::kTool,
         "call",
         "agi://127.0.0.1:" + std::to_string(server.port()) + "/x",
         "--hangup-after",
         "0"}
    );
    const auto peer = server.accept();
    for (auto line = peer->line(); line != "HANGUP"; line = peer->line())
        ASSERT_FALSE(line == "<timeout>" || line == "<eof>") << line;
    peer->close();
    EXPECT_EQ(caller.wait(), 3) << caller.output();
}

TEST(Call, RefusesACommandLineThatMakesNoSense) {
    EXPECT_EQ(run_tool({"call", "http://127.0.0.1/"}).status, 2);
    EXPECT_EQ(run_tool({"call", "agi://127.0.0.1/", "--digits", "12x"}).status, 2);
    EXPECT_EQ(run_tool({"call", "agi://127.0.0.1/", "--think", "soon"}).status, 2);
    EXPECT_EQ(run_tool({"call"}).status, 2);
    EXPECT_EQ(run_tool({}).status, 2);
    const auto unknown = run_tool({"cal", "agi://127.0.0.1/"});
    EXPECT_EQ(unknown.status, 2);
    EXPECT_TRUE(contains(unknown.output, "there is no subcommand cal")) << unknown.output;
    EXPECT_EQ(run_tool({"load", "agi://127.0.0.1/", "--calls", "0"}).status, 2);
    const auto missing = run_tool({"show", "/nowhere/call.agi"});
    EXPECT_TRUE(contains(missing.output, "No such file or directory")) << missing.output;
}

// ---------------------------------------------------------------- with a terminal

class PhoneTest : public Test {
protected:
    Service service_{kIvr};
    PseudoTerminal phone_{{test::kTool, "call", service_.url("menu"), "--sounds", "30s"}};
};

TEST_F(PhoneTest, TakesTypedKeysAndShowsWhatPlays) {
    ASSERT_TRUE(phone_.shows("♪ vm-options")) << phone_.screen();
    EXPECT_TRUE(phone_.shows("of 30.0 s")) << phone_.screen();
    EXPECT_TRUE(phone_.shows("takes one of the keys 12")) << phone_.screen();
    phone_.type("2");
    ASSERT_TRUE(phone_.shows("♪ 2")) << phone_.screen();  // SAY DIGITS
    EXPECT_TRUE(phone_.shows("pressed 2")) << phone_.screen();
    phone_.type("v");
    EXPECT_TRUE(phone_.shows("DEPARTMENT = 2")) << phone_.screen();
    phone_.type("w");
    EXPECT_TRUE(phone_.shows("script: SET VARIABLE \"DEPARTMENT\" \"2\"")) << phone_.screen();
    phone_.type("f");  // nobody waits 30 s for SAY DIGITS
    ASSERT_TRUE(phone_.shows("AGISTATUS HANGUP")) << phone_.screen();
    phone_.type("q");
    EXPECT_EQ(phone_.wait(), 3) << phone_.screen();
    EXPECT_TRUE(phone_.restored());
    EXPECT_TRUE(contains(phone_.screen(), "caller presses 2")) << phone_.screen();
}

TEST_F(PhoneTest, HangsUpAndCallsAgain) {
    ASSERT_TRUE(phone_.shows("♪ vm-options")) << phone_.screen();
    phone_.type("h");
    ASSERT_TRUE(phone_.shows("✕ hung up")) << phone_.screen();
    ASSERT_TRUE(phone_.shows("r call again")) << phone_.screen();
    phone_.type("r");
    ASSERT_TRUE(phone_.shows("● in call")) << phone_.screen();
    phone_.type("\x03");  // Ctrl-C hangs up and leaves
    EXPECT_EQ(phone_.wait(), 3);
    EXPECT_TRUE(phone_.restored());
}

TEST_F(PhoneTest, TakesArrowKeysForNoKeysOfThePhone) {
    ASSERT_TRUE(phone_.shows("♪ vm-options")) << phone_.screen();
    phone_.type("\x1b[A");
    phone_.type("2");
    EXPECT_TRUE(phone_.shows("pressed 2")) << phone_.screen();
    EXPECT_FALSE(contains(phone_.screen(), "pressed A")) << phone_.screen();
    phone_.type("q");
    EXPECT_EQ(phone_.wait(), 3);
}

TEST_F(PhoneTest, DrawsToTheSizeOfTheScreen) {
    ASSERT_TRUE(phone_.shows("● in call")) << phone_.screen();
    EXPECT_TRUE(phone_.shows("│ 5 │")) << phone_.screen();
    phone_.resize(60, 12);
    EXPECT_TRUE(phone_.hides("│ 5 │")) << phone_.screen();
    EXPECT_TRUE(phone_.shows("What happened")) << phone_.screen();
    phone_.type("q");
    EXPECT_EQ(phone_.wait(), 3);
}

// ---------------------------------------------------------------- somebody else's server

const std::string kPython = "/usr/bin/python3";
const std::string kPeer = COSTRIX_TEST_DIR "/integration/tool/panoramisk_pin.py";

/// The commands of a call in `--json`, without the quotes, which are each side's own affair.
std::vector<std::string> commands(const std::string& json) {
    static const std::regex command(R"re("kind": "command",\s*"text": "(.*)")re");
    std::vector<std::string> found;
    for (std::sregex_iterator at(json.begin(), json.end(), command), end; at != end; ++at)
        found.push_back(std::regex_replace((*at)[1].str(), std::regex(R"(\\")"), ""));
    return found;
}

TEST(CallPeer, SeesPanoramiskGoTheSameWay) {
    if (test::ChildProcess({kPython, "-c", "import panoramisk"}).wait() != 0)
        GTEST_SKIP() << "python3-panoramisk is not installed: THE PEER IS NOT TESTED";
    Service ours(kIvr);
    Service theirs({kPython, "-W", "ignore", kPeer});
    for (const std::string digits : {"1234", "99#"}) {
        const std::vector<std::string> options{"--digits", digits, "--json", "--speed", "20"};
        std::vector<std::string> here{"call", ours.url("pin/1234")},
            there{"call", theirs.url("pin/1234")};
        here.insert(here.end(), options.begin(), options.end());
        there.insert(there.end(), options.begin(), options.end());
        const auto costrix = run_tool(here), panoramisk = run_tool(there);
        EXPECT_EQ(costrix.status, 0) << costrix.output;
        EXPECT_EQ(panoramisk.status, 0) << panoramisk.output;
        EXPECT_EQ(commands(costrix.output).size(), 4U) << costrix.output;
        EXPECT_EQ(commands(costrix.output), commands(panoramisk.output)) << panoramisk.output;
    }
}

}  // namespace
}  // namespace costrix
