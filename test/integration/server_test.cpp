// SPDX-License-Identifier: MIT
// FastAGIServer over real sockets: routing, faults, shutdown, threads.
#include "support/fences.hpp"
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <stdexcept>
#include <vector>

namespace costrix::agi {
namespace {

using test::answer;
using test::eventually;
using test::LogCapture;
using test::ServerThread;
using test::TcpPeer;
using namespace std::chrono_literals;

/// A server that run()s in a thread of its own, on a port of its own.
class ServerTest : public ::testing::Test {
protected:
    void serve() { running_.start(); }
    void stop() { running_.stop(); }
    std::uint16_t port() const { return running_.port(); }

    LogCapture log_{spdlog::level::debug};
    ServerThread running_{{.port = 0, .logger = log_.logger()}};
    FastAGIServer& server_ = *running_;
};

TEST_F(ServerTest, HoldsAConversation) {
    std::string pin;
    auto flow = [&pin](AGI& call, const Request& request) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        const auto data = co_await call.execute(GetData("enter-pin").timeout(5s).max_digits(4));
        pin = data.digits;
        if (data.digits == request.kwargs.first("pin"))
            co_await call.execute(Exec("Queue", request.match["queue"]));
        co_await call.execute(Hangup());
    };
    server_.register_script_handler("support/(?<queue>\\w+)", flow);
    serve();
    TcpPeer asterisk(port());
    asterisk.call("support/sales?pin=1234");
    EXPECT_EQ(asterisk.line(), "ANSWER");
    asterisk.send("200 result=0\n");
    EXPECT_EQ(asterisk.line(), "GET DATA \"enter-pin\" 5000 4");
    asterisk.send("200 result=1234\n");
    EXPECT_EQ(asterisk.line(), "EXEC \"Queue\" \"sales\"");
    asterisk.send("200 result=0\n");
    EXPECT_EQ(asterisk.line(), "HANGUP");
    asterisk.send("200 result=1\nHANGUP\n");
    EXPECT_EQ(asterisk.line(), "<eof>");
    ASSERT_TRUE(eventually([&] { return server_.sessions() == 0; }));
    stop();
    EXPECT_EQ(pin, "1234");
    EXPECT_TRUE(log_.has("info: shut down: no calls in progress")) << log_.text();
    EXPECT_TRUE(log_.has("info: 17.1 Local/1 support/sales: hung_up, ")) << log_.text();
    EXPECT_TRUE(log_.has(" ms, 4 commands")) << log_.text();
}

TEST_F(ServerTest, TellsTheHandlerOfItsRequest) {
    Request seen;
    auto flow = [&seen](AGI&, const Request& request) -> asio::awaitable<void> {
        seen = request;
        co_return;
    };
    server_.set_default_handler(flow);
    serve();
    TcpPeer asterisk(port(), "127.0.0.1", "127.0.0.3");
    asterisk.call("a%20b/c?x=1&x=2", "agi_arg_1: one\nagi_arg_2: \nagi_arg_3: a, b\n");
    EXPECT_EQ(asterisk.line(), "<eof>");
    stop();
    EXPECT_EQ(seen.path, "a%20b/c");
    EXPECT_EQ(seen.args, (std::vector<std::string>{"one", "", "a, b"}));
    EXPECT_EQ(seen.kwargs.all("x").size(), 2U);
    EXPECT_FALSE(seen.match);
    ASSERT_TRUE(seen.peer);
    EXPECT_EQ(seen.peer->address().to_string(), "127.0.0.3");
    EXPECT_NE(seen.peer->port(), 0);
}

TEST_F(ServerTest, GivesTheRootPathForAUrlWithoutOne) {
    server_.register_script_handler("/$", answer);
    serve();
    TcpPeer asterisk(port());
    asterisk.call("");
    EXPECT_EQ(asterisk.line(), "ANSWER");
}

TEST_F(ServerTest, ReadsAnEnvironmentThatArrivesByteByByte) {
    server_.register_script_handler("x", answer);
    serve();
    TcpPeer asterisk(port());
    for (const char byte : std::string("agi_network: yes\nagi_network_script: x\n\n"))
        asterisk.send(std::string_view(&byte, 1));
    EXPECT_EQ(asterisk.line(), "ANSWER");
}

TEST_F(ServerTest, ClosesAPathThatNobodyHandles) {
    serve();
    TcpPeer asterisk(port());
    asterisk.call("no\x01where");
    EXPECT_EQ(asterisk.line(), "<eof>");
    stop();
    EXPECT_TRUE(log_.has("warning: 17.1 Local/1 no\\x01where: no handler")) << log_.text();
}

TEST_F(ServerTest, IsSilentAboutAHealthProbe) {
    serve();
    TcpPeer(port()).close();
    ASSERT_TRUE(eventually([&] { return log_.has("never came"); }));
    EXPECT_FALSE(log_.has("warning")) << log_.text();
}

TEST_F(ServerTest, SaysWhatWasWrongWithAPeerThatSpeaksNoAgi) {
    serve();
    TcpPeer browser(port());
    browser.send("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(browser.line(), "<eof>");
    TcpPeer half(port());
    half.send("agi_network: yes\n");
    half.close();
    ASSERT_TRUE(eventually([&] { return log_.has("ended before its empty line"); }));
    EXPECT_TRUE(log_.has("warning: the environment does not begin with an agi_ line"))
        << log_.text();
}

// --- faults --------------------------------------------------------------------------------------

TEST_F(ServerTest, ContainsWhatLeavesAHandler) {
    auto plain = [](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        throw std::runtime_error("no database\nat all");
    };
    auto odd = [](AGI&, const Request&) -> asio::awaitable<void> {
        throw 42;
        co_return;
    };
    auto early = [](AGI&, const Request&) -> asio::awaitable<void> {
        throw std::logic_error("before the coroutine");
    };
    auto refused = [](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Exec("Nonsense"));
    };
    server_.register_script_handler("plain", plain);
    server_.register_script_handler("odd", odd);
    server_.register_script_handler("early", early);
    server_.register_script_handler("refused", refused);
    server_.register_script_handler("good", answer);
    serve();
    for (const char* path : {"plain", "odd", "early"}) {
        TcpPeer asterisk(port());
        asterisk.call(path);
        asterisk.answer_all();
    }
    TcpPeer asterisk(port());
    asterisk.call("refused");
    asterisk.answer_all("200 result=-2\n");
    TcpPeer good(port());
    good.call("good");
    EXPECT_EQ(good.answer_all(), "ANSWER\n");
    stop();
    const auto text = log_.text();
    EXPECT_TRUE(log_.has("error: 17.1 Local/1 plain: the handler threw: no database\\x0aat all"))
        << text;
    EXPECT_TRUE(log_.has("error: 17.1 Local/1 odd: the handler threw: an exception that is no"))
        << text;
    EXPECT_TRUE(log_.has("error: 17.1 Local/1 early: the handler threw: before the coroutine"))
        << text;
    EXPECT_TRUE(log_.has("no such application: EXEC \"Nonsense\"")) << text;
    EXPECT_TRUE(log_.has("info: 17.1 Local/1 good: returned")) << text;
}

TEST_F(ServerTest, TakesAHangupForANormalEnd) {
    auto flow = [](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(WaitForDigit());
        co_await call.execute(Noop("never sent"));
    };
    server_.register_script_handler("x", flow);
    serve();
    TcpPeer asterisk(port());
    asterisk.call("x");
    EXPECT_EQ(asterisk.line(), "WAIT FOR DIGIT -1");
    asterisk.send("200 result=-1\nHANGUP\n");
    EXPECT_EQ(asterisk.line(), "<eof>");
    stop();
    EXPECT_TRUE(log_.has("info: 17.1 Local/1 x: hung_up")) << log_.text();
    EXPECT_FALSE(log_.has("error")) << log_.text();
}

TEST_F(ServerTest, SurvivesAPeerThatResets) {
    server_.register_script_handler("x", answer);
    serve();
    for (int i = 0; i < 20; ++i) {
        TcpPeer asterisk(port());
        asterisk.call("x");
        if (i % 2 == 0)
            asterisk.line();
        asterisk.reset();
    }
    TcpPeer good(port());
    good.call("x");
    EXPECT_EQ(good.answer_all(), "ANSWER\n");
    EXPECT_TRUE(eventually([&] { return server_.sessions() == 0; }));
}

TEST_F(ServerTest, AcceptsAgainAfterItRanOutOfDescriptors) {
    server_.register_script_handler("x", answer);
    serve();
    TcpPeer first(port());  // makes sure that the server runs
    first.call("x");
    first.answer_all();
    auto waiting = std::make_unique<TcpPeer>(server_.port());
    waiting->call("x");
    waiting->answer_all();

    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const rlimit low{.rlim_cur = 64, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &low);
    std::vector<int> taken;
    for (int fd; (fd = dup(0)) >= 0;)
        taken.push_back(fd);
    ASSERT_FALSE(taken.empty());
    ::close(taken.back());
    taken.pop_back();
    TcpPeer starved(port());  // has the last descriptor; the server has none to accept it with
    starved.call("x");
    EXPECT_TRUE(eventually([&] { return log_.has("cannot accept"); })) << log_.text();
    for (const int fd : taken)
        ::close(fd);
    setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_EQ(starved.answer_all(), "ANSWER\n");
    EXPECT_TRUE(log_.has("accepting again")) << log_.text();
}

TEST_F(ServerTest, KeepsAHandlerThatIsUnregisteredWhileItRuns) {
    auto probe = std::make_shared<std::atomic<int>>(0);
    auto flow = [probe](AGI& call, const Request&) -> asio::awaitable<void> {
        co_await call.execute(Answer());
        ++*probe;
        co_await call.execute(Noop());
        ++*probe;
    };
    server_.register_script_handler("x", flow);
    serve();
    TcpPeer asterisk(port());
    asterisk.call("x");
    EXPECT_EQ(asterisk.line(), "ANSWER");
    EXPECT_TRUE(server_.unregister_script_handler("x"));
    asterisk.send("200 result=0\n");
    asterisk.answer_all();
    stop();
    EXPECT_EQ(probe->load(), 2);
}

// --- many, and the end ---------------------------------------------------------------------------

TEST_F(ServerTest, RunsManyCallsOnOneThread) {
    constexpr int kCalls = 500;
    auto flow = [](AGI& call, const Request& request) -> asio::awaitable<void> {
        for (int i = 0; i < 3; ++i)
            co_await call.execute(Noop(request.path));
    };
    server_.register_script_handler("\\d+", flow);
    serve();
    std::vector<std::unique_ptr<TcpPeer>> callers;
    for (int i = 0; i < kCalls; ++i) {
        callers.push_back(std::make_unique<TcpPeer>(server_.port()));
        callers.back()->call(std::to_string(i));
    }
    EXPECT_TRUE(eventually([&] { return server_.sessions() == kCalls; }));
    for (int i = 0; i < kCalls; ++i) {
        const auto line = "NOOP \"" + std::to_string(i) + "\"\n";
        EXPECT_EQ(callers[static_cast<std::size_t>(i)]->answer_all(), line + line + line);
    }
    EXPECT_TRUE(eventually([&] { return server_.sessions() == 0; }));
}

TEST_F(ServerTest, LetsCallsFinishWhenItIsShutDown) {
    server_.register_script_handler("x", answer);
    serve();
    TcpPeer asterisk(port());
    asterisk.call("x");
    EXPECT_EQ(asterisk.line(), "ANSWER");
    server_.shutdown();
    server_.shutdown();
    EXPECT_TRUE(eventually([&] { return test::refuses(port()); }));
    EXPECT_TRUE(eventually([&] { return server_.sessions() == 1; }));
    asterisk.send("200 result=0\n");
    EXPECT_EQ(asterisk.line(), "<eof>");
    running_.join();
}

TEST_F(ServerTest, CanBeShutDownByAHandler) {
    auto flow = [this](AGI& call, const Request&) -> asio::awaitable<void> {
        server_.shutdown();
        co_await call.execute(Noop("still served"));
    };
    server_.register_script_handler("x", flow);
    serve();
    TcpPeer asterisk(port());
    asterisk.call("x");
    EXPECT_EQ(asterisk.answer_all(), "NOOP \"still served\"\n");
    running_.join();
}

TEST_F(ServerTest, DrainsOnSigintAndSigterm) {
    for (const int signal : {SIGINT, SIGTERM}) {
        ServerThread server({.port = 0, .handle_signals = true, .logger = log_.logger()});
        server->register_script_handler("x", answer);
        server.start();
        TcpPeer asterisk(server.port());
        asterisk.call("x");
        EXPECT_EQ(asterisk.line(), "ANSWER");
        ::kill(getpid(), signal);
        EXPECT_TRUE(eventually([&] { return test::refuses(server.port()); }));
        asterisk.send("200 result=0\n");
        EXPECT_EQ(asterisk.line(), "<eof>");
        server.join();
    }
}

std::atomic<int> signals_seen = 0;

/// run() is part of a program here, whose own handlers stay.
TEST_F(ServerTest, LeavesSignalsAloneUnlessItIsToldToHandleThem) {
    server_.register_script_handler("x", answer);
    const auto before = std::signal(SIGTERM, [](int) { ++signals_seen; });
    serve();
    TcpPeer first(port());
    first.call("x");
    EXPECT_EQ(first.line(), "ANSWER");  // so run() has begun
    ::kill(getpid(), SIGTERM);
    EXPECT_TRUE(eventually([] { return signals_seen == 1; }));
    TcpPeer second(port());
    second.call("x");
    EXPECT_EQ(second.answer_all(), "ANSWER\n");
    first.send("200 result=0\n");
    EXPECT_EQ(first.line(), "<eof>");
    stop();
    const auto handler = std::signal(SIGTERM, before);
    ASSERT_NE(handler, SIG_DFL);
    handler(SIGTERM);
    EXPECT_EQ(signals_seen, 2) << "the program's handler was replaced";
}

TEST_F(ServerTest, EndsItsSessionsWhenItIsDestroyed) {
    auto probe = std::make_shared<int>(0);
    const std::weak_ptr<int> watch = probe;
    {
        asio::io_context context;
        FastAGIServer server(context.get_executor(), {.port = 0, .logger = log_.logger()});
        auto flow = [probe](AGI& call, const Request&) -> asio::awaitable<void> {
            const auto held = probe;
            co_await call.execute(Answer());
        };
        probe.reset();
        server.register_script_handler("x", flow);
        asio::co_spawn(context, server.serve_forever(), [](std::exception_ptr) {});
        TcpPeer asterisk(server.port());
        asterisk.call("x");
        while (server.sessions() == 0)
            context.run_one();
        context.poll();
    }
    EXPECT_TRUE(watch.expired());
}

// --- who may call, and the end of all calls ------------------------------------------------------

TEST_F(ServerTest, ClosesTheConnectionOfSomebodyWhoMayNotCall) {
    ServerThread server(
        {.port = 0, .allow = {"127.0.0.2", "10.0.0.0/8", "2001:db8::/32"}, .logger = log_.logger()}
    );
    server->register_script_handler("x", answer);
    server.start();
    TcpPeer asterisk(server.port());
    asterisk.call("x");
    EXPECT_EQ(asterisk.line(), "<eof>");
    server.stop();
    EXPECT_TRUE(log_.has("warning: 127.0.0.1 may not call")) << log_.text();
    EXPECT_EQ(server.counters().refused_address, 1U);
}

TEST_F(ServerTest, RefusesAListOfNetworksThatIsNone) {
    for (const char* wrong : {"localhost", "127.0.0.1/33", "::1/129", "1.2.3", ""}) {
        try {
            FastAGIServer server({.port = 0, .allow = {"127.0.0.1", wrong}});
            FAIL() << wrong;
        } catch (const std::invalid_argument& error) {
            EXPECT_NE(std::string(error.what()).find(wrong), std::string::npos) << error.what();
        }
    }
}

TEST_F(ServerTest, CancelsTheCallsThatAreLeftAfterTheDrainTimeout) {
    ServerThread server({.port = 0, .drain_timeout = 50ms, .logger = log_.logger()});
    std::atomic<bool> cleaned = false;
    auto stubborn = [&cleaned](AGI& call, const Request&) -> asio::awaitable<void> {
        bool cancelled = false;
        try {
            co_await call.execute(WaitForDigit());
        } catch (const costrix::system_error&) {
            cancelled = true;
        }
        if (cancelled) {
            co_await asio::this_coro::reset_cancellation_state();
            co_await call.execute(SetVariable("CLEANED", "yes"));
            cleaned = true;
        }
    };
    server->register_script_handler("x", stubborn);
    server.start();
    TcpPeer asterisk(server.port());
    asterisk.call("x");
    EXPECT_EQ(asterisk.line(), "WAIT FOR DIGIT -1");
    server->shutdown();
    EXPECT_EQ(answer_fences(asterisk, "200 result=1\n"), "SET VARIABLE \"CLEANED\" \"yes\"");
    asterisk.send("200 result=1\n");
    EXPECT_EQ(asterisk.line(), "<eof>");
    server.join();
    EXPECT_TRUE(cleaned);
    EXPECT_TRUE(log_.has("drained: 0 calls completed, 1 cancelled")) << log_.text();
}

TEST_F(ServerTest, EndsAtOnceOnASecondSignal) {
    ServerThread server({.port = 0, .handle_signals = true, .logger = log_.logger()});
    server->register_script_handler("x", answer);
    server.start();
    TcpPeer asterisk(server.port());
    asterisk.call("x");
    EXPECT_EQ(asterisk.line(), "ANSWER");
    ::kill(getpid(), SIGTERM);
    EXPECT_TRUE(eventually([&] { return test::refuses(server.port()); }));
    ::kill(getpid(), SIGTERM);
    server.join();  // although the call is not over
}

TEST_F(ServerTest, EndsASessionThatTakesTooLong) {
    ServerThread server({.port = 0, .logger = log_.logger(), .session_timeout = 500ms});
    std::atomic<bool> cancelled = false;
    auto flow = [&cancelled](AGI& call, const Request&) -> asio::awaitable<void> {
        asio::steady_timer elsewhere(call.get_executor(), 1h);
        try {
            co_await elsewhere.async_wait(asio::use_awaitable);
        } catch (const costrix::system_error&) {
            cancelled = true;
        }
        co_await call.execute(Answer());
    };
    server->register_script_handler("x", flow);
    server.start();
    TcpPeer asterisk(server.port());
    asterisk.call("x");
    EXPECT_EQ(asterisk.line(), "<eof>");
    server.stop();
    EXPECT_TRUE(log_.has("the session took too long")) << log_.text();
    EXPECT_TRUE(cancelled);
}

TEST_F(ServerTest, EndsAPeerThatDoesNotFinishItsEnvironment) {
    ServerThread server({.port = 0, .logger = log_.logger(), .environment_timeout = 30ms});
    server.start();
    TcpPeer silent(server.port()), slow(server.port());
    slow.send("agi_network: yes\n");
    EXPECT_EQ(silent.line(), "<eof>");
    EXPECT_EQ(slow.line(), "<eof>");
    server.stop();
    EXPECT_TRUE(log_.has("environment did not come in time")) << log_.text();
}

// --- where it listens, what it logs
// ---------------------------------------------------------------

TEST_F(ServerTest, SaysWhereItCannotListen) {
    try {
        FastAGIServer second({.interface = "127.0.0.1", .port = server_.port()});
        FAIL();
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::address_in_use);
        EXPECT_NE(
            std::string(error.what())
                .find("listen on \"127.0.0.1\" port " + std::to_string(server_.port())),
            std::string::npos
        ) << error.what();
    }
}

TEST_F(ServerTest, ListensOnEveryAddressWhenItIsTold) {
    ServerThread everywhere({.interface = "", .port = 0, .logger = log_.logger()});
    everywhere->register_script_handler("x", answer);
    everywhere.start();
    TcpPeer asterisk(everywhere.port(), "127.0.0.2");
    asterisk.call("x");
    EXPECT_EQ(asterisk.answer_all(), "ANSWER\n");
    EXPECT_THROW(TcpPeer(server_.port(), "127.0.0.2"), std::system_error);  // listens on localhost
}

TEST_F(ServerTest, ListensOnBothLoopbackAddresses) {
    server_.register_script_handler("x", answer);
    serve();
    for (const char* address : {"127.0.0.1", "::1"}) {
        try {
            TcpPeer asterisk(server_.port(), address);
            asterisk.call("x");
            EXPECT_EQ(asterisk.answer_all(), "ANSWER\n") << address;
        } catch (const std::system_error& error) {
            EXPECT_NE(std::string(address), "127.0.0.1") << error.what();  // a host without IPv6
        }
    }
}

TEST_F(ServerTest, DestroysHandlersThatUseTheServer) {
    struct Farewell {
        explicit Farewell(FastAGIServer& the_server) : server(the_server) {}
        ~Farewell() { server.register_script_handler("farewell", answer); }
        FastAGIServer& server;
    };
    const auto handler = [this] {
        auto farewell = std::make_shared<Farewell>(server_);
        return [farewell](AGI&, const Request&) -> asio::awaitable<void> { co_return; };
    };
    server_.register_script_handler("x", handler());
    server_.register_script_handler("x", handler());  // ignored
    EXPECT_TRUE(server_.unregister_script_handler("x"));
    EXPECT_FALSE(server_.unregister_script_handler("x"));
    EXPECT_TRUE(server_.get_script_handler("farewell"));
    server_.register_script_handler("x", handler());
    server_.clear_script_handlers();
    EXPECT_FALSE(server_.get_script_handler("x"));
    server_.register_script_handler(std::nullopt, handler());
    server_.register_script_handler(std::nullopt, handler());
    server_.clear_script_handlers();
    EXPECT_TRUE(server_.get_script_handler("x")) << "the default handler stays";
    server_.register_script_handler(std::nullopt, nullptr);
    EXPECT_FALSE(server_.get_script_handler("x"));
}

TEST_F(ServerTest, TakesAPatternWithASlashInFront) {
    server_.register_script_handler("/menu$", answer);
    serve();
    for (const char* path : {"menu", "/menu"}) {
        TcpPeer asterisk(port());
        asterisk.call(path);
        EXPECT_EQ(asterisk.answer_all(), "ANSWER\n") << path;
    }
    TcpPeer asterisk(port());
    asterisk.call("menus");
    EXPECT_EQ(asterisk.answer_all(), "");
    stop();
    EXPECT_TRUE(log_.has("17.1 Local/1 menus: no handler")) << log_.text();
}

TEST_F(ServerTest, RunsOnlyOnItsOwnContext) {
    asio::io_context context;
    FastAGIServer server(context.get_executor(), {.port = 0});
    EXPECT_THROW(server.run(), std::logic_error);
}

TEST_F(ServerTest, LogsToSpdlogsDefaultLoggerUnlessItIsGivenOne) {
    const auto before = spdlog::default_logger();
    spdlog::set_default_logger(log_.logger());
    ServerThread server({.port = 0});
    spdlog::set_default_logger(before);
    server->register_script_handler("x", answer);
    server.start();
    TcpPeer asterisk(server.port());
    asterisk.call("x");
    asterisk.answer_all();
    server.stop();
    EXPECT_EQ(log_.count("info: 17.1 Local/1 x: returned"), 1U) << log_.text();
}

TEST_F(ServerTest, LogsTheWireAtTrace) {
    log_.logger()->set_level(spdlog::level::trace);
    server_.register_script_handler("x", answer);
    serve();
    TcpPeer asterisk(port());
    asterisk.call("x");
    asterisk.answer_all();
    stop();
    EXPECT_TRUE(log_.has("trace: 17.1 Local/1 x > ANSWER")) << log_.text();
    EXPECT_TRUE(log_.has("trace: 17.1 Local/1 x < 200 result=0")) << log_.text();
    EXPECT_TRUE(log_.has("< agi_uniqueid: 17.1")) << log_.text();
}

}  // namespace
}  // namespace costrix::agi
