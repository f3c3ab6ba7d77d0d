// SPDX-License-Identifier: MIT
// `costrix check` finds what is wrong with servers that are.
#include "integration/tool/tool_fixture.hpp"
#include "support/log_capture.hpp"
#include "support/tcp_acceptor.hpp"
#include "tool/check/check_options.hpp"

#include <costrix/agi.hpp>

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace costrix {
namespace {

using namespace std::chrono_literals;
using test::ChildProcess;
using test::contains;
using test::run_tool;
using test::Service;
using test::TcpAcceptor;

TEST(Check, PassesAGoodServerAndTellsTheDialplan) {
    Service service({COSTRIX_BIN_DIR "/ivr", "0"});
    const auto run =
        run_tool({"check", service.url("pin/1234"), "--no-limits", "--patience", "3s"});
    EXPECT_EQ(run.status, 0) << run.output;
    EXPECT_TRUE(contains(run.output, "ok    its first command comes after")) << run.output;
    EXPECT_TRUE(contains(run.output, "after the caller hung up")) << run.output;
    EXPECT_TRUE(contains(run.output, "exten => 100,1,AGI(" + service.url("pin/1234") + ")"))
        << run.output;
    EXPECT_FALSE(contains(run.output, "BAD")) << run.output;
}

TEST(Check, SaysThatNobodyListens) {
    TcpAcceptor nobody;
    const auto port = std::to_string(nobody.port());
    nobody.close();
    const auto run = run_tool({"check", "agi://127.0.0.1:" + port + "/x"});
    EXPECT_EQ(run.status, 4) << run.output;
    EXPECT_TRUE(contains(run.output, "Is the server running")) << run.output;
}

/// A server that is played by hand, and the check that looks at it.
class BadServer : public ::testing::Test {
protected:
    std::string url() const { return "agi://127.0.0.1:" + std::to_string(server_.port()) + "/x"; }
    void expect_bad(const std::string& what) {
        EXPECT_EQ(check_.wait(), 1) << check_.output();
        EXPECT_TRUE(contains(check_.output(), "BAD   ")) << check_.output();
        EXPECT_TRUE(contains(check_.output(), what)) << check_.output();
    }

    TcpAcceptor server_;
    ChildProcess check_{{test::kTool, "check", url(), "--patience", "1s"}};
};

TEST_F(BadServer, MaySpeakFirst) {
    const auto peer = server_.accept();
    peer->send("SSH-2.0-OpenSSH\r\n");
    expect_bad("it speaks first: SSH-2.0-OpenSSH");
}

TEST_F(BadServer, MaySpeakHttp) {
    const auto peer = server_.accept();
    while (!peer->line().empty()) {  // the environment block
    }
    peer->send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    peer->close();
    expect_bad("this is not a FastAGI server: it sends HTTP/1.1 400 Bad Request");
    EXPECT_FALSE(contains(check_.output(), "its first command")) << check_.output();
}

TEST_F(BadServer, MayBeAnEcho) {
    const auto peer = server_.accept();
    for (auto line = peer->line(); line != "<eof>" && line != "<timeout>"; line = peer->line())
        peer->send(line + "\n");
    expect_bad("this is not a FastAGI server: it sends agi_network: yes");
}

TEST_F(BadServer, MayBreakOffInTheMiddle) {
    const auto peer = server_.accept();
    while (!peer->line().empty()) {
    }
    peer->send("ANSWER\n");
    ASSERT_EQ(peer->line(), "200 result=0");
    peer->send("GET DATA menu 100000\n");
    peer->close();
    const auto again = server_.accept();
    while (again->line() != "HANGUP") {
    }
    again->close();
    expect_bad("the connection ended while this command ran: GET DATA menu 100000");
}

TEST_F(BadServer, MayCloseAtOnce) {
    const auto peer = server_.accept();
    while (!peer->line().empty()) {  // the environment block
    }
    peer->close();
    expect_bad("closes the connection without a command");
}

TEST_F(BadServer, MaySayNothing) {
    const auto peer = server_.accept();
    expect_bad("it sends nothing for 1.00 s");
}

/// Findings of the limits of the server on that port.
std::string limits(std::uint16_t port, std::chrono::milliseconds patience) {
    tool::CheckOptions options;
    options.url = tool::AgiUrl::parse("agi://127.0.0.1:" + std::to_string(port) + "/x");
    options.patience = patience;
    std::string all;
    check_limits(options, resolve(options.url), [&all](const tool::Finding& finding) {
        all += (finding.grade == tool::Finding::Grade::good ? "good: " : "other: ") + finding.what +
               "\n";
    });
    return all;
}

TEST(Check, SeesTheLimitsOfOurServer) {
    test::LogCapture log(spdlog::level::err);
    agi::FastAGIServer server({.port = 0, .logger = log.logger(), .environment_timeout = 2s});
    server.register_script_handler(
        std::nullopt,
        [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
            co_await call.execute(agi::Noop());
        }
    );
    std::thread thread([&server] { server.run(); });
    const auto found = limits(server.port(), 20s);
    server.shutdown();
    thread.join();
    EXPECT_TRUE(contains(found, "good: 100 of 100 calls at once")) << found;
    EXPECT_TRUE(contains(found, "good: an endless line is cut off")) << found;
    EXPECT_TRUE(contains(found, "good: an endless environment is cut off")) << found;
    EXPECT_TRUE(contains(found, "good: a silent client is cut off")) << found;
}

TEST(Check, TellsAServerThatReadsNoMoreFromOneThatCloses) {
    const TcpAcceptor server;  // which leaves every connection in its queue
    const auto found = limits(server.port(), 100ms);
    EXPECT_TRUE(contains(found, "other: 0 of 100 calls at once")) << found;
    EXPECT_TRUE(contains(found, "other: an endless line is not read beyond")) << found;
    EXPECT_TRUE(contains(found, "other: a silent client stays connected")) << found;
}

TEST(Check, ExplainsTheDialplan) {
    const auto advice = tool::dialplan_advice(tool::AgiUrl::parse("agi://pbx/a,b;c"));
    EXPECT_TRUE(contains(advice, "AGI(agi://pbx/a,b\\;c)")) << advice;
    EXPECT_FALSE(contains(advice, "Asterisk's own host")) << advice;
    EXPECT_TRUE(contains(
        tool::dialplan_advice(tool::AgiUrl::parse("agi://127.0.0.1/x")), "Asterisk's own host"
    ));
}

}  // namespace
}  // namespace costrix
