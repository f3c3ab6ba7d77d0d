// SPDX-License-Identifier: MIT
// Hangups that Asterisk does not report (AGISIGHUP=no): how a server and a script end their calls.
#include "support/log_capture.hpp"
#include "support/script_process.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>

#include <gtest/gtest.h>

namespace costrix::agi {
namespace {

using test::LogCapture;
using test::ScriptProcess;
using test::ServerThread;
using test::TcpPeer;
using namespace std::chrono_literals;

constexpr const char* kRefused =
    "511 Command Not Permitted on a dead channel or intercept routine\n";
constexpr const char* kQuestion = "GET FULL VARIABLE ${CHANNEL(checkhangup)}${AGISIGHUP}";

TEST(SilentHangup, IsAHangupOfTheServersCall) {
    LogCapture log(spdlog::level::debug);
    ServerThread server({.port = 0, .logger = log.logger()});
    server->register_script_handler(
        std::nullopt,
        [](AGI& call, const Request&) -> asio::awaitable<void> {
            co_await call.execute(Answer());
            co_await call.execute(StreamFile("x"));
        }
    );
    server.start();
    TcpPeer asterisk(server.port());
    asterisk.call("x");
    EXPECT_EQ(asterisk.line(), "ANSWER");
    asterisk.send("200 result=0\n");
    EXPECT_EQ(asterisk.line(), "STREAM FILE \"x\" \"\"");
    asterisk.send(kRefused);
    EXPECT_EQ(asterisk.line(), "<eof>");
    server.stop();
    EXPECT_EQ(server.counters().hangups, 1U);
    EXPECT_EQ(server.counters().handler_failures, 0U);
    EXPECT_TRUE(log.has("info: 17.1 Local/1 x: hung_up, ")) << log.text();
    EXPECT_FALSE(log.has("error: ")) << log.text();
}

TEST(SilentHangup, IsFoundOutByAServerThatChecks) {
    LogCapture log;
    ServerThread server({.port = 0, .logger = log.logger(), .channel_check_interval = 10ms});
    server->register_script_handler(
        std::nullopt,
        [](AGI& call, const Request&) -> asio::awaitable<void> {
            co_await call.unless_hung_up(call.sleep_for(1h));
        }
    );
    server.start();
    TcpPeer asterisk(server.port());
    asterisk.call("x");
    EXPECT_EQ(asterisk.line(), kQuestion);
    asterisk.send("200 result=1 (0no)\n");
    EXPECT_EQ(asterisk.line(), kQuestion);
    asterisk.send("200 result=1 (1no)\n");
    EXPECT_EQ(asterisk.line(), "<eof>");
    server.stop();
    EXPECT_EQ(server.counters().hangups, 1U);
}

TEST(SilentHangup, IsSuccessOfAScript) {
    ScriptProcess process(test::step_script({"@noop", "@play!"}));
    process.send(test::classic_environment());
    EXPECT_EQ(process.line(), "NOOP");
    process.send("200 result=0\n");
    EXPECT_EQ(process.line(), "STREAM FILE \"tt-monkeys\" \"\"");
    process.send(kRefused);
    EXPECT_EQ(process.line(), kQuestion);
    process.send("200 result=1 (1no)\n");
    EXPECT_EQ(process.wait(), 0);
    EXPECT_EQ(process.errors(), "NOOP: done\nSTREAM FILE: AGIResultHangup\n");
}

}  // namespace
}  // namespace costrix::agi
