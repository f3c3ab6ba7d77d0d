// SPDX-License-Identifier: MIT
// Faults of handlers and peers that must not reach any other call.
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace costrix::agi {
namespace {

using test::answer;
using test::eventually;
using test::LogCapture;
using test::ServerThread;
using test::TcpPeer;
using namespace std::chrono_literals;

class ServerFaults : public ::testing::Test {
protected:
    /// True when a call to `answer` is served.
    static bool serves(ServerThread& server) {
        TcpPeer peer(server.port());
        peer.call("good");
        return peer.answer_all() == "ANSWER\n";
    }

    LogCapture log_{spdlog::level::debug};
};

// --- handlers ------------------------------------------------------------------------------------

TEST_F(ServerFaults, StayWithTheHandlerThatThrows) {
    struct NoStandardException {};
    auto before = [](AGI&, const Request&) -> asio::awaitable<void> {
        throw NoStandardException();
    };
    auto at_once = [](AGI&, const Request&) -> asio::awaitable<void> {
        throw NoStandardException();
        co_return;
    };
    auto pointer = [](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        throw "a string";
    };
    auto memory = [](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        throw std::bad_alloc();
    };
    ServerThread server({.port = 0, .logger = log_.logger()});
    server->register_script_handler("before", before);
    server->register_script_handler("at_once", at_once);
    server->register_script_handler("pointer", pointer);
    server->register_script_handler("memory", memory);
    server->register_script_handler("good", answer);
    server.start();
    TcpPeer bystander(server.port());
    bystander.call("good");
    EXPECT_EQ(bystander.line(), "ANSWER");
    for (const char* path : {"before", "at_once", "pointer", "memory"}) {
        TcpPeer peer(server.port());
        peer.call(path);
        peer.answer_all();
        EXPECT_TRUE(serves(server)) << path;
    }
    bystander.send("200 result=0\n");
    EXPECT_EQ(bystander.line(), "<eof>");
    ASSERT_TRUE(eventually([&] { return server->sessions() == 0; }));
    EXPECT_EQ(server.counters().handler_failures, 4U);
    EXPECT_EQ(server.counters().finished, 5U);
}

TEST_F(ServerFaults, EndAHandlerThatDoesNotLookAtItsCall) {
    std::atomic<int> cancelled = 0;
    auto endless = [&cancelled](AGI& call, const Request&) -> asio::awaitable<void> {
        asio::steady_timer hour(call.get_executor(), 1h);
        try {
            co_await hour.async_wait(asio::use_awaitable);
        } catch (const costrix::system_error&) {
            ++cancelled;
            throw;
        }
    };
    ServerThread server({.port = 0, .logger = log_.logger(), .after_hangup_timeout = 50ms});
    server->register_script_handler("endless", endless);
    server->register_script_handler("good", answer);
    server.start();
    TcpPeer hung_up(server.port()), closed(server.port()), reset(server.port()),
        wrong(server.port());
    for (auto* peer : {&hung_up, &closed, &reset, &wrong})
        peer->call("endless");
    ASSERT_TRUE(eventually([&] { return server->sessions() == 4; }));
    hung_up.send("HANGUP\n");
    closed.close();
    reset.reset();
    for (int i = 0; i < 101; ++i)
        wrong.send("nonsense\n");
    EXPECT_EQ(hung_up.line(), "<eof>");
    EXPECT_EQ(wrong.line(), "<eof>");
    ASSERT_TRUE(eventually([&] { return server->sessions() == 0; })) << log_.text();
    EXPECT_EQ(cancelled, 4);
    EXPECT_EQ(server.counters().after_hangup_timeouts, 4U);
    EXPECT_EQ(server.counters().cancelled, 4U);
    EXPECT_EQ(server.counters().not_a_reply, 1U);
    EXPECT_TRUE(serves(server));
}

TEST_F(ServerFaults, LeaveAHandlerBehindThatHeedsNothing) {
    auto deaf = [](AGI& call, const Request&) -> asio::awaitable<void> {
        asio::steady_timer pause(call.get_executor());
        while (true) {
            pause.expires_after(10ms);
            co_await asio::this_coro::reset_cancellation_state(
                asio::disable_cancellation(), asio::disable_cancellation()
            );
            co_await pause.async_wait(asio::use_awaitable);
        }
    };
    ServerThread server(
        {.port = 0,
         .drain_timeout = 20ms,
         .cleanup_timeout = 20ms,
         .logger = log_.logger(),
         .session_timeout = 500ms}
    );
    server->register_script_handler("deaf", deaf);
    server->register_script_handler("good", answer);
    server.start();
    TcpPeer peer(server.port());
    peer.call("deaf");
    EXPECT_EQ(peer.line(), "<eof>");  // Asterisk at least is let go
    EXPECT_TRUE(eventually([&] { return server.counters().session_timeouts == 1U; }));
    EXPECT_TRUE(serves(server));
    server.stop();
    EXPECT_EQ(server.counters().abandoned, 1U);
}

TEST_F(ServerFaults, OfARegularExpressionAreNoMatch) {
    ServerThread server({.port = 0, .logger = log_.logger()});
    server->register_script_handler("(?:a|a?)+(?:a|a?)+(?:a|a?)+b", answer);
    server->register_script_handler("good", answer);
    server.start();
    TcpPeer peer(server.port());
    peer.call(std::string(1024, 'a'));
    EXPECT_EQ(peer.answer_all(), "");
    EXPECT_EQ(server.counters().regex_errors, 1U);
    EXPECT_EQ(server.counters().refused_no_route, 1U);
    EXPECT_TRUE(log_.has("gave up on a path of 1024 bytes")) << log_.text();
    EXPECT_TRUE(serves(server));
}

// --- what peers claim ----------------------------------------------------------------------------

TEST_F(ServerFaults, OfForgedLinesDoNotReplaceWhatAsteriskSays) {
    std::optional<std::string> channel, id, path, argument, name;
    auto look = [&](AGI& call, const Request& request) -> asio::awaitable<void> {
        channel = call.environment().channel();
        id = call.environment().unique_id();
        name = call.environment().caller_id_name();
        path = request.path;
        argument = request.args.empty() ? "" : request.args.front();
        co_return;
    };
    ServerThread server({.port = 0, .logger = log_.logger()});
    server->register_script_handler("look", look);
    server->register_script_handler(std::nullopt, answer);
    server.start();
    TcpPeer peer(server.port());
    peer.call(
        "look",
        "agi_calleridname: eve\nagi_channel: forged\nagi_network_script: other\n"
        "agi_uniqueid: forged\nagi_arg_1: forged\nagi_accountcode: forged\n"
        "no colon\n: \n:\nagi_: \n"
        "agi_context: default\nagi_extension: 1\nagi_accountcode: \nagi_arg_1: first\n"
    );
    EXPECT_EQ(peer.answer_all(), "");
    server.stop();
    EXPECT_EQ(channel, "Local/1");
    EXPECT_EQ(id, "17.1");
    EXPECT_EQ(path, "look");
    EXPECT_EQ(name, "eve");
    EXPECT_EQ(argument, "first");
}

TEST_F(ServerFaults, OfForgedLinesThatCouldBeAsterisksEndTheCall) {
    ServerThread server({.port = 0, .logger = log_.logger()});
    server->register_script_handler(std::nullopt, answer);
    server.start();
    TcpPeer in_block(server.port()), behind_block(server.port());
    in_block.call("x", "agi_rdnis: 1\nagi_context: forged\nagi_context: default\n");
    EXPECT_EQ(in_block.answer_all(), "");
    behind_block.call("x", "agi_callerid: 1\n\n200 result=0\nagi_calleridname: unknown\n");
    EXPECT_EQ(behind_block.answer_all(), "");
    EXPECT_TRUE(serves(server));
    EXPECT_EQ(server.counters().environment_forged, 1U);
    EXPECT_EQ(server.counters().not_a_reply, 1U);
}

TEST_F(ServerFaults, OfInvalidUtf8AreNone) {
    const std::string odd = "\xff\xfe\xc3(\x80 \xed\xa0\x80";
    std::vector<std::string> seen;
    auto look = [&](AGI& call, const Request& request) -> asio::awaitable<void> {
        seen.push_back(std::string(call.environment().get("agi_calleridname")));
        seen.push_back(request.args.at(0));
        seen.push_back(request.path);
        seen.push_back(std::string(request.kwargs.first("q").value_or("none")));
        const auto value = co_await call.execute(GetVariable(request.args.at(0)));
        seen.push_back(value.value_or("none"));
        throw std::runtime_error(seen.front());
    };
    log_.logger()->set_level(spdlog::level::trace);
    ServerThread server({.port = 0, .logger = log_.logger()});
    server->register_script_handler("look", look);
    server.start();
    TcpPeer peer(server.port());
    peer.call(
        "look" + odd + "?q=" + odd, "agi_calleridname: " + odd + "\nagi_arg_1: " + odd + "\n"
    );
    EXPECT_EQ(peer.line(), "GET VARIABLE \"" + odd + "\"");
    peer.send("200 result=1 (" + odd + ")\n");
    EXPECT_EQ(peer.line(), "<eof>");
    server.stop();
    EXPECT_EQ(seen, (std::vector<std::string>{odd, odd, "look" + odd, odd, odd}));
    EXPECT_TRUE(log_.has("the handler threw: " + printable(odd))) << log_.text();
    EXPECT_FALSE(log_.has(odd)) << log_.text();
}

/// Every line that a call can cause, at every level.
TEST_F(ServerFaults, OfControlCharactersDoNotReachTheLog) {
    const std::string control = "\x1b[31m\xc2\x9b"
                                "31m\x9b\xe2\x80\xae\x7f";
    auto refuse = [](AGI& call, const Request& request) -> asio::awaitable<void> {
        co_await call.execute(Exec("Nonsense", request.path));
    };
    auto misuse = [](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Noop(std::string(call.environment().channel())));
    };
    log_.logger()->set_level(spdlog::level::trace);
    ServerThread server({.port = 0, .logger = log_.logger(), .max_path = 100});
    server->register_script_handler("refuse", refuse);
    server->register_script_handler("misuse", misuse);
    server.start();
    const auto lines = "agi_callerid: " + control + "\n";
    for (const std::string path : {"refuse", "misuse", "nobody", "a path that is far too long"}) {
        TcpPeer peer(server.port());
        peer.send(
            "agi_network_script: " + path + control + std::string(path.size() > 20 ? 100 : 0, 'x') +
            "\nagi_channel: Local/" + control + "\nagi_uniqueid: 17" + control + "\n" + lines + "\n"
        );
        peer.answer_all(path == "refuse" ? "200 result=-2\n" : "510 " + control + "\n");
        TcpPeer other(server.port());
        other.call(path, lines);
        other.answer_all(control + "\n");
    }
    server.stop();
    const auto text = log_.text();
    EXPECT_GT(log_.count("\\x9b"), 20U) << text;
    EXPECT_TRUE(log_.has("Local/\\x1b[31m\\xc2\\x9b31m\\x9b\\xe2\\x80\\xae\\x7f")) << text;
    for (const char* raw : {"\x1b", "\x9b", "\xae", "\x7f"})
        EXPECT_FALSE(log_.has(raw)) << text;
}

}  // namespace
}  // namespace costrix::agi
