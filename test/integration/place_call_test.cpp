// SPDX-License-Identifier: MIT
// place_call() written as its header invites it, and started with whatever token.
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_acceptor.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/testing/place_call.hpp>

#include <gtest/gtest.h>
#include <system_error>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace costrix {
namespace {

using testing::FakeAsterisk;
using testing::place_call;
using testing::Scenario;

class PlaceCall : public ::testing::Test {
protected:
    PlaceCall() : server_({.port = 0, .logger = log_.logger()}) {
        server_->register_script_handler(
            std::nullopt,
            [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
                co_await call.execute(agi::Noop("hello"));
            }
        );
        server_.start();
    }

    test::LogCapture log_{spdlog::level::warn};
    test::ServerThread server_;
    asio::io_context context_;
};

asio::awaitable<void> call_in_every_spelling(std::uint16_t port, std::set<std::string>& ids) {
    const std::string host = "127.0.0.1";
    const auto note = [&ids](const FakeAsterisk& asterisk) {
        EXPECT_EQ(asterisk.agistatus(), "SUCCESS");
        ids.insert(asterisk.environment());
    };
    note(co_await place_call(Scenario("a path that does not fit into a small string"), port));
    note(co_await place_call(Scenario("x"), {port}));
    note(co_await place_call(Scenario("x"), {"127.0.0.1", port}));
    note(co_await place_call(Scenario("x"), testing::CallTarget{host + "", port}));
    const auto asterisk = co_await place_call(Scenario("x"), port);
    note(asterisk);
}

TEST_F(PlaceCall, IsSoundInsideCoAwait) {
    std::set<std::string> ids;
    std::exception_ptr error;
    asio::co_spawn(
        context_,
        call_in_every_spelling(server_.port(), ids),
        [&error](std::exception_ptr thrown) { error = thrown; }
    );
    context_.run();
    EXPECT_FALSE(error);
    EXPECT_EQ(ids.size(), 5U);  // each has a unique id of its own
}

TEST_F(PlaceCall, GivesAFuture) {
    auto ended =
        asio::co_spawn(context_, place_call(Scenario("x"), server_.port()), asio::use_future);
    test::TcpAcceptor nobody;
    const auto port = nobody.port();
    nobody.close();
    auto refused = asio::co_spawn(context_, place_call(Scenario("x"), port), asio::use_future);
    context_.run();
    EXPECT_EQ(ended.get().agistatus(), "SUCCESS");
    EXPECT_THROW(refused.get(), std::system_error);
}

/// Without events it does not know which command ran.
TEST_F(PlaceCall, EndsWithTheConnectionWhileACommandRuns) {
    test::TcpAcceptor acceptor;
    Scenario caller("x");
    caller.any_sound(std::chrono::minutes(1)).without_events();
    auto ended = asio::co_spawn(context_, place_call(caller, acceptor.port()), asio::use_future);
    std::thread server([&] {
        const auto script = acceptor.accept();
        while (!script->line().empty()) {
        }
        script->send("STREAM FILE hello \"\"\n");
    });
    context_.run();
    server.join();
    EXPECT_EQ(ended.get().agistatus(), "SUCCESS");
}

TEST_F(PlaceCall, BringsTheCallersVoice) {
    using namespace std::chrono_literals;
    server_->register_script_handler(
        "echo",
        [](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
            co_await agi::talk(call, [](agi::AudioLine& line) -> asio::awaitable<void> {
                while (const auto frame = co_await line.read())
                    line.write(frame->samples);
            });
        }
    );
    const auto words = testing::noise(300ms);
    Scenario scenario("echo");
    scenario.answered().speak(words, 100ms).hang_up_after(3s);
    auto ended = asio::co_spawn(context_, place_call(scenario, server_.port()), asio::use_future);
    context_.run();
    const auto asterisk = ended.get();
    std::vector<std::int16_t> heard;  // on a machine that is busy, with gaps
    for (const auto& piece : asterisk.heard().pieces()) {
        std::copy_if(
            piece.samples.begin(),
            piece.samples.end(),
            std::back_inserter(heard),
            [](std::int16_t sample) { return sample != 0; }
        );
    }
    EXPECT_EQ(heard, words.samples());
}

}  // namespace
}  // namespace costrix
