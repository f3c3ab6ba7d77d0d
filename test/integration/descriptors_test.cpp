// SPDX-License-Identifier: MIT
// What a program that a handler starts inherits: nothing of ours.
#include "support/descriptors.hpp"
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/place_call.hpp>

#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using test::eventually;
using test::inherited_descriptors;
using test::LogCapture;
using test::ServerThread;
using test::TcpPeer;

asio::awaitable<void> place_call(std::uint16_t port, std::vector<std::string>& commands) {
    const auto asterisk = co_await testing::place_call(testing::Scenario("x"), port);
    commands = asterisk.texts(testing::EventKind::command);
}

/// A program that runs until this goes.
class Sleeper {
public:
    void start() {
        const char* const arguments[]{"sleep", "60", nullptr};
        pid_t started = 0;
        ASSERT_EQ(
            posix_spawn(
                &started,
                "/bin/sleep",
                nullptr,
                nullptr,
                const_cast<char* const*>(arguments),
                nullptr
            ),
            0
        );
        pid_ = started;
    }
    ~Sleeper() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
    }
    bool runs() const { return pid_ > 0 && kill(pid_, 0) == 0; }

private:
    std::atomic<pid_t> pid_ = 0;
};

class Descriptors : public ::testing::Test {
protected:
    Descriptors() {
        std::string pattern = ::testing::TempDir() + "/costrix-descriptors-XXXXXX";
        directory_ = ::mkdtemp(pattern.data());
    }
    ~Descriptors() override { std::filesystem::remove_all(directory_); }

    const std::vector<std::string> before_ = inherited_descriptors();
    std::string directory_;
    LogCapture log_;
};

TEST_F(Descriptors, OfAServerAreClosedInItsChildren) {
    const RecordingOptions record{.directory = directory_};
    ServerThread server(
        {.interface = "localhost",
         .port = 0,
         .reuse_port = true,
         .logger = log_.logger(),
         .record = record}
    );
    auto wait = [](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(WaitForDigit(), std::chrono::hours(1));
    };
    server->register_script_handler("wait", wait);
    server.start(3);
    auto calls = hold_calls(server, 8, "wait");
    for (const auto& call : calls)
        EXPECT_EQ(call->line(), "WAIT FOR DIGIT -1");
    EXPECT_EQ(inherited_descriptors(), before_);
    calls.clear();
}

TEST_F(Descriptors, OfAServerDoNotKeepItsPortOpen) {
    for (const bool reuse_port : {false, true}) {
        Sleeper sleeper;
        std::uint16_t port = 0;
        {
            ServerThread server({.port = 0, .reuse_port = reuse_port, .logger = log_.logger()});
            port = server.port();
            auto start = [&sleeper](AGI& call, const Request&) -> asio::awaitable<void> {
                co_await call.execute(Answer());
                sleeper.start();
            };
            server->register_script_handler("x", start);
            server.start(2);
            TcpPeer peer(port);
            peer.call("x");
            EXPECT_EQ(peer.answer_all(), "ANSWER\n");
        }
        ASSERT_TRUE(sleeper.runs());
        EXPECT_TRUE(test::refuses(port)) << "reuse_port: " << reuse_port;
    }
}

TEST_F(Descriptors, OfASimulatedCallAreClosedInChildren) {
    ServerThread server({.port = 0, .logger = log_.logger()});
    std::vector<std::string> during;
    auto look = [&during](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        during = inherited_descriptors();
    };
    server->register_script_handler("x", look);
    server.start();
    std::vector<std::string> commands;
    asio::io_context context;
    asio::co_spawn(context, place_call(server.port(), commands), asio::detached);
    context.run();
    server.stop();
    EXPECT_EQ(commands, std::vector<std::string>{"ANSWER"});
    EXPECT_EQ(during, before_);
}

}  // namespace
}  // namespace costrix::agi
