// SPDX-License-Identifier: MIT
// How `costrix call` reports the end of a call: not FastAGI, who broke off, what was expected.
#include "integration/tool/tool_fixture.hpp"
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_acceptor.hpp"

#include <costrix/agi.hpp>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace costrix {
namespace {

using test::contains;
using test::run_tool;
using test::ToolRun;

// ---------------------------------------------------------------- servers that are none

/// A server that is played by hand, and a call to it.
class Broken : public ::testing::Test {
protected:
    Broken() : peer_(server_.accept()) {
        while (!peer_->line().empty()) {  // the environment block
        }
    }
    void expect_broken(const std::string& what) {
        EXPECT_EQ(call_.wait(), 5) << call_.output();
        EXPECT_TRUE(contains(call_.output(), what)) << call_.output();
    }

    test::TcpAcceptor server_;
    test::ChildProcess call_{
        {test::kTool, "call", "agi://127.0.0.1:" + std::to_string(server_.port()) + "/x"}};
    std::unique_ptr<test::TcpPeer> peer_;
};

TEST_F(Broken, IsAWebServer) {
    peer_->send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html>");
    peer_->close();
    expect_broken("this is not a FastAGI server: it sends HTTP/1.1 400 Bad Request");
}

TEST_F(Broken, IsAnEchoThatWouldGoOnForEver) {
    peer_->send("agi_network: yes\n");
    for (auto line = peer_->line(); line.front() != '<'; line = peer_->line())
        peer_->send(line + "\n");
    expect_broken("this is not a FastAGI server: it sends agi_network: yes");
}

TEST_F(Broken, IsAHandlerThatFailsWhileItsCommandRuns) {
    peer_->send("ANSWER\n");
    ASSERT_EQ(peer_->line(), "200 result=0");
    peer_->send("STREAM FILE hello \"\"\n");
    // The prompt plays for two seconds.
    ASSERT_TRUE(call_.wait_for("plays hello"));
    peer_->close();
    expect_broken("the connection ended while this command ran: STREAM FILE hello");
}

TEST_F(Broken, IsAServerThatDiesWithinACommand) {
    peer_->send("ANSWER\n");
    ASSERT_EQ(peer_->line(), "200 result=0");
    peer_->send("SET VARIABLE A");
    peer_->close();
    expect_broken("the connection ended within a command");
}

// ---------------------------------------------------------------- what a script leaves behind

class CallEnds : public ::testing::Test {
protected:
    void serve(agi::ScriptHandler handler) {
        server_->register_script_handler(std::nullopt, std::move(handler));
        server_.start();
    }
    ToolRun call(const std::string& path, std::vector<std::string> options) const {
        const auto url = "agi://127.0.0.1:" + std::to_string(server_.port()) + "/" + path;
        std::vector<std::string> words{"call", url, "--speed", "50"};
        words.insert(words.end(), options.begin(), options.end());
        return run_tool(words);
    }

    test::LogCapture log_{spdlog::level::off};
    test::ServerThread server_{{.port = 0, .logger = log_.logger()}};
};

asio::awaitable<void> queue(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    co_await call.execute(agi::Exec("Queue", "sales"));
}

TEST_F(CallEnds, ByAnApplicationThatTheSimulationLacks) {
    serve(queue);
    const auto run = call("x", {});
    EXPECT_EQ(run.status, 1) << run.output;
    EXPECT_TRUE(contains(run.output, "the simulation has no application Queue: ")) << run.output;
    EXPECT_TRUE(contains(run.output, "--app 'Queue=STATUS,DURATION'")) << run.output;
}

TEST_F(CallEnds, AsExpectedOrNot) {
    serve(queue);
    const std::vector<std::string> app{"--app", "Queue=TIMEOUT,2s", "--expect-variable"};
    auto right = app, wrong = app, unset = app, status = app;
    right.insert(right.end(), {"QUEUESTATUS=TIMEOUT", "--expect-variable", "AGISTATUS=SUCCESS"});
    EXPECT_EQ(call("x", right).status, 0) << call("x", right).output;
    wrong.emplace_back("QUEUESTATUS=FULL");
    const auto other = call("x", wrong);
    EXPECT_EQ(other.status, 7) << other.output;
    EXPECT_TRUE(contains(other.output, "QUEUESTATUS is 'TIMEOUT'; expected 'FULL'"))
        << other.output;
    unset.emplace_back("PIN_OK=1");
    const auto none = call("x", unset);
    EXPECT_EQ(none.status, 7) << none.output;
    EXPECT_TRUE(contains(none.output, "PIN_OK is not set; expected '1'")) << none.output;
    status.emplace_back("AGISTATUS=HANGUP");
    status.insert(status.end(), {"--hangup-after", "1s"});
    EXPECT_EQ(call("x", status).status, 0);
}

TEST_F(CallEnds, WithAWarningOfWhatNeverCame) {
    serve([](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await call.execute(agi::GetData("menu").timeout(std::chrono::seconds(1)));
        co_await call.execute(agi::SetVariable("NOSUCH(field)", "1"));
        co_await call.execute(agi::GetVariable("OTHER(field)"));
    });
    const auto run = call(
        "x",
        {"--answer",
         "1#@menu",
         "--answer",
         "2@menu",
         "--answer",
         "3@mnu",
         "--answer",
         "4",
         "--hangup-during",
         "bye",
         "--text",
         "hello"}
    );
    EXPECT_EQ(run.status, 0) << run.output;
    for (const char* warning :
         {"--answer 2@menu: that sound started once only",
          "--answer 3@mnu: that sound never started",
          "--answer 4: no key was awaited in silence",
          "--hangup-during bye: that sound never started",
          "--text hello: no command asked for it",
          "the simulation has no dialplan function to write NOSUCH(field)",
          "the simulation has no dialplan function OTHER"})
        EXPECT_TRUE(contains(run.output, std::string("costrix: ") + warning)) << run.output;
    EXPECT_FALSE(contains(run.output, "--answer 1#@menu")) << run.output;
    const auto digits = call("x", {"--digits", "12#34"});
    EXPECT_TRUE(contains(digits.output, "--digits: no command took 34")) << digits.output;
}

TEST_F(CallEnds, AreOfCallsWithArgumentsFromTheUrl) {
    serve([](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        std::string all;
        for (std::size_t i = 1; const auto argument = call.environment().argument(i); ++i)
            all.append(*argument).append("|");
        co_await call.execute(agi::SetVariable("ARGUMENTS", all));
        const auto id = std::string(call.environment().unique_id());
        co_await call.execute(agi::SetVariable("ID", id));
    });
    const auto run =
        call("x,a,(b,c)", {"d", "--expect-variable", "ARGUMENTS=a|(b,c)|d|", "--json"});
    EXPECT_EQ(run.status, 0) << run.output;
    EXPECT_NE(call("x", {"--json"}).output, call("x", {"--json"}).output);
}

// ---------------------------------------------------------------- classic scripts

/// A script in a file of its own.
class ClassicScript : public ::testing::Test {
protected:
    ~ClassicScript() override { std::filesystem::remove(file_); }

    void write(const std::string& text) {
        std::ofstream(file_) << "#!/bin/bash\n"
                                "while read -r line && [ -n \"$line\" ]; do :; done\n"
                             << text;
        ASSERT_EQ(chmod(file_.c_str(), 0700), 0);
    }
    ToolRun call(std::vector<std::string> options = {}) const {
        std::vector<std::string> words{"call", file_.string(), "--speed", "20"};
        words.insert(words.end(), options.begin(), options.end());
        return run_tool(words);
    }

    std::filesystem::path file_ = std::filesystem::temp_directory_path() /
                                  ("costrix_script_" + std::to_string(getpid()) + ".sh");
};

TEST(Call, RunsAClassicScript) {
    const std::string script = COSTRIX_BIN_DIR "/line_by_line";
    const std::vector<std::string> right{
        "call",
        script,
        "1234",
        "--speed",
        "20",
        "--digits",
        "1234",
        "--expect-variable",
        "PIN_OK=1"};
    const auto run = run_tool(right);
    EXPECT_EQ(run.status, 0) << run.output;
    const auto gone = run_tool({"call", script, "1234", "--speed", "20", "--hangup-after", "3s"});
    EXPECT_EQ(gone.status, 3) << gone.output;
    EXPECT_TRUE(contains(gone.output, "sends SIGHUP to the script")) << gone.output;
}

TEST_F(ClassicScript, EndsWithItsExitStatus) {
    write("echo \"SET VARIABLE ARGUMENT $1\"\nread -r reply\nexit 3\n");
    const auto run = call({"seven"});
    EXPECT_EQ(run.status, 1) << run.output;
    EXPECT_TRUE(contains(run.output, "the script's exit status is 3")) << run.output;
    const auto expected = call({"seven", "--expect-variable", "ARGUMENT=seven"});
    EXPECT_EQ(expected.status, 0) << expected.output;
}

TEST_F(ClassicScript, MayBeNone) {
    write("exit 0\n");
    const auto silent = call();
    EXPECT_EQ(silent.status, 5) << silent.output;
    EXPECT_TRUE(contains(silent.output, "without a command")) << silent.output;
    write("echo hello world\nread -r reply\n");
    const auto other = call();
    EXPECT_EQ(other.status, 5) << other.output;
    EXPECT_TRUE(contains(other.output, "this is not an AGI script: it sends hello world"))
        << other.output;
    std::filesystem::remove(file_);
    const auto missing = call();
    EXPECT_EQ(missing.status, 2) << missing.output;
    EXPECT_TRUE(contains(missing.output, "cannot start " + file_.string())) << missing.output;
}

TEST_F(ClassicScript, IsCutOffAtTheTimeLimit) {
    write("trap '' HUP\necho NOOP\nsleep 100\n");
    EXPECT_EQ(call({"--timeout", "1s"}).status, 6);
}

}  // namespace
}  // namespace costrix
