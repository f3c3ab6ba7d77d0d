// SPDX-License-Identifier: MIT
// Calls through a proxy that speaks the PROXY protocol: who is believed, and what for.
#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"
#include "support/unix_peer.hpp"

#include <costrix/agi.hpp>
#include <costrix/agi/serve_call.hpp>
#include <costrix/asio.hpp>

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace costrix::agi {
namespace {

using test::eventually;
using test::LogCapture;
using test::ServerThread;
using test::TcpPeer;
using namespace std::chrono_literals;
using namespace std::string_literals;

const auto kSignature = "\r\n\r\n\0\r\nQUIT\n"s;
const auto kLocal = kSignature + "\x20\0\0\0"s;
/// From 192.0.2.7, port 4660; from 2001:db8::7, port 772, with a field behind the addresses.
const auto kBlock = kSignature + "\x21\x11\0\x0c\xc0\0\2\7\xc6\x33\x64\2\x12\x34\x11\xdd"s;
const auto kBlock6 = kSignature + "\x21\x21\0\x2a\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7"s +
                     std::string(16, '\1') + "\3\4\x11\xdd\5\0\3abc"s;

/// The header of a proxy that connects for this address, port 1000.
std::string line_for(const std::string& address) {
    return "PROXY TCP4 " + address + " 198.51.100.2 1000 4573\r\n";
}

/// Tells its peer by a command.
asio::awaitable<void> tell_peer(AGI& call, const Request& request) {
    const auto& peer = request.peer;
    const Noop told(peer ? peer->address().to_string() + ' ' + std::to_string(peer->port()) : "-");
    co_await call.execute(told);
}

class ProxyProtocol : public ::testing::Test {
protected:
    /// Proxies are on 127.0.0.1, and speak for Asterisk servers in two networks.
    FastAGIServerOptions options() const {
        FastAGIServerOptions options;
        options.port = 0;
        options.allow = {"192.0.2.0/24", "2001:db8::/32"};
        options.proxy_protocol_from = {"127.0.0.1"};
        options.logger = log_.logger();
        return options;
    }
    /// What the handler says to a call behind this header; empty when there is no handler.
    static std::string call(ServerThread& server, const std::string& header) {
        TcpPeer peer(server.port());
        peer.send(header);
        peer.call("x");
        return peer.answer_all();
    }

    LogCapture log_{spdlog::level::debug};
};

TEST_F(ProxyProtocol, NamesThePeerInEitherVersion) {
    std::vector<std::string> asked;
    auto with_admission = options();
    with_admission.admission = [&asked](const AdmissionRequest& call) {
        asked.push_back(call.request.peer->address().to_string());
        return true;
    };
    ServerThread server(with_admission);
    server->register_script_handler("x", tell_peer);
    server.start();
    EXPECT_EQ(call(server, line_for("192.0.2.9")), "NOOP \"192.0.2.9 1000\"\n");
    EXPECT_EQ(call(server, kBlock), "NOOP \"192.0.2.7 4660\"\n");
    EXPECT_EQ(call(server, kBlock6), "NOOP \"2001:db8::7 772\"\n");
    EXPECT_EQ(call(server, "PROXY TCP6 ::ffff:192.0.2.8 ::1 5 6\r\n"), "NOOP \"192.0.2.8 5\"\n");
    server.stop();
    EXPECT_EQ(
        asked, (std::vector<std::string>{"192.0.2.9", "192.0.2.7", "2001:db8::7", "192.0.2.8"})
    );
    EXPECT_EQ(server.counters().finished, 4U);
    EXPECT_EQ(server.counters().proxy_errors, 0U);
}

TEST_F(ProxyProtocol, IsReadInPiecesBeforeTheEnvironment) {
    ServerThread server(options());
    server->register_script_handler("x", tell_peer);
    server.start();
    for (const auto& header : {line_for("192.0.2.9"), kBlock6}) {
        TcpPeer peer(server.port());
        for (const char byte : header)
            peer.send({&byte, 1});
        peer.call("x");
        EXPECT_TRUE(peer.line().starts_with("NOOP \"")) << log_.text();
        peer.send("200 result=0\n");
        EXPECT_EQ(peer.line(), "<eof>");
    }
}

TEST_F(ProxyProtocol, IsReadOnTheExecutorOfAnotherProgramToo) {
    asio::thread_pool pool(2);
    FastAGIServer server(pool.get_executor(), options());
    server.register_script_handler("x", tell_peer);
    auto served = asio::co_spawn(pool, server.serve_forever(), asio::use_future);
    TcpPeer peer(server.port());
    peer.send(kBlock);
    peer.call("x");
    EXPECT_EQ(peer.answer_all(), "NOOP \"192.0.2.7 4660\"\n");
    server.shutdown();
    served.get();
}

TEST_F(ProxyProtocol, PutsItsAddressInThePlaceOfTheProxysInAllow) {
    ServerThread server(options());
    server->register_script_handler("x", tell_peer);
    server.start();
    EXPECT_EQ(call(server, line_for("203.0.113.5")), "");
    EXPECT_EQ(server.counters().refused_address, 1U);
    EXPECT_TRUE(log_.has("warning: 203.0.113.5 may not call: connection closed")) << log_.text();
    EXPECT_TRUE(eventually([&] { return server->sessions() == 0; }));
}

TEST_F(ProxyProtocol, CountsSessionsOfTheAddressThatItNames) {
    auto limited = options();
    limited.max_sessions_per_peer = 1;
    ServerThread server(limited);
    server->register_script_handler("x", tell_peer);
    server.start();
    for (unsigned round = 0; round < 2; ++round) {
        TcpPeer first(server.port()), second(server.port());
        first.send(line_for("192.0.2.1"));
        first.call("x");
        EXPECT_EQ(first.line(), "NOOP \"192.0.2.1 1000\"");
        second.send(line_for("192.0.2.2"));
        second.call("x");
        EXPECT_EQ(second.line(), "NOOP \"192.0.2.2 1000\"");
        EXPECT_EQ(call(server, line_for("192.0.2.1")), "");
        EXPECT_EQ(server.counters().refused_per_peer, round + 1);
        first.close();
        second.close();
        ASSERT_TRUE(eventually([&] { return server->sessions() == 0; }));
    }
    EXPECT_TRUE(log_.has("192.0.2.1 has as many sessions as it may")) << log_.text();
}

TEST_F(ProxyProtocol, NamesTheAddressInTheLog) {
    ServerThread server(options());
    server.start();
    TcpPeer peer(server.port());
    peer.send(kBlock + "GET / HTTP/1.1\r\n");
    EXPECT_EQ(peer.line(), "<eof>");
    server.stop();
    EXPECT_TRUE(log_.has("does not begin with an agi_ line; connection of 192.0.2.7 closed"))
        << log_.text();
    EXPECT_EQ(server.counters().not_agi, 1U);
}

/// HAProxy's checks: without a header, and with one of either version (check-send-proxy).
TEST_F(ProxyProtocol, TakesAHealthCheckForOne) {
    ServerThread server(options());
    server.start();
    for (const auto& sent : {""s, kLocal, "PROXY UNKNOWN\r\n"s, line_for("192.0.2.1")}) {
        TcpPeer peer(server.port());
        peer.send(sent);
    }
    for (const auto& sent : {""s, kLocal}) {
        TcpPeer peer(server.port());
        peer.send(sent);
        peer.reset();  // as HAProxy does
    }
    ASSERT_TRUE(eventually([&] { return server.counters().health_probes == 6; })) << log_.text();
    EXPECT_TRUE(eventually([&] { return server->sessions() == 0; }));
    EXPECT_FALSE(log_.has("warning: ")) << log_.text();
    EXPECT_FALSE(log_.has("error: ")) << log_.text();
    EXPECT_EQ(server.counters().proxy_errors, 0U);
}

TEST_F(ProxyProtocol, LeavesTheProxyItsOwnAddressWhereItNamesNone) {
    auto with_own = options();
    with_own.proxy_protocol_from = {"127.0.0.1", "127.0.0.2"};
    with_own.allow = {"127.0.0.1"};
    ServerThread server(with_own);
    server->register_script_handler("x", tell_peer);
    server.start();
    for (const auto& header : {kLocal, "PROXY UNKNOWN\r\n"s}) {
        EXPECT_EQ(call(server, header).find("NOOP \"127.0.0.1 "), 0U) << log_.text();
        TcpPeer other(server.port(), "127.0.0.1", "127.0.0.2");
        other.send(header);
        other.call("x");
        EXPECT_EQ(other.line(), "<eof>");
    }
    EXPECT_TRUE(log_.has("127.0.0.2 may not call")) << log_.text();
}

TEST_F(ProxyProtocol, IsDemandedOfAProxy) {
    ServerThread server(options());
    server->register_script_handler("x", tell_peer);
    server.start();
    EXPECT_EQ(call(server, ""), "");
    EXPECT_EQ(call(server, "PROXY TCP4 192.0.2.256 198.51.100.2 1 2\r\n"), "");
    {
        TcpPeer peer(server.port());
        peer.send(kBlock.substr(0, 20));
    }
    ASSERT_TRUE(eventually([&] { return server.counters().proxy_errors == 3; })) << log_.text();
    EXPECT_TRUE(eventually([&] { return server->sessions() == 0; }));
    const auto end = ", and the peer is in proxy_protocol_from; connection of 127.0.0.1 closed"s;
    for (const auto* why :
         {"there is no PROXY header",
          "the PROXY header has an invalid address or port",
          "the PROXY header was cut"})
        EXPECT_EQ(log_.count("warning: " + (why + end)), 1U) << log_.text();
    EXPECT_EQ(log_.count("warning: "), 3U) << log_.text();
}

TEST_F(ProxyProtocol, IsRefusedFromAnybodyElse) {
    auto others = options();
    others.allow = {"127.0.0.2"};
    ServerThread server(others);
    server->register_script_handler("x", tell_peer);
    server.start();
    {
        TcpPeer plain(server.port(), "127.0.0.1", "127.0.0.2");
        plain.call("x");
        EXPECT_EQ(plain.line().find("NOOP \"127.0.0.2 "), 0U);
    }
    for (const auto& header : {line_for("192.0.2.1"), kBlock, kLocal}) {
        TcpPeer peer(server.port(), "127.0.0.1", "127.0.0.2");
        peer.send(header);
        peer.call("x");
        EXPECT_EQ(peer.line(), "<eof>");
    }
    server.stop();  // a connection is closed before it is logged
    EXPECT_EQ(server.counters().proxy_errors, 3U);
    EXPECT_EQ(
        log_.count("warning: the environment begins like a header of the PROXY protocol, and the "
                   "peer is not in proxy_protocol_from; connection of 127.0.0.2 closed"),
        3U
    ) << log_.text();
}

TEST_F(ProxyProtocol, HasTheTimeOfTheEnvironment) {
    auto hasty = options();
    hasty.environment_timeout = 500ms;
    ServerThread server(hasty);
    server.start();
    TcpPeer begun(server.port()), silent(server.port());
    begun.send("PROXY TCP4");
    silent.send(kBlock);
    EXPECT_EQ(begun.line(), "<eof>");
    EXPECT_EQ(silent.line(), "<eof>");
    server.stop();
    EXPECT_EQ(server.counters().environment_timeouts, 2U);
    EXPECT_TRUE(log_.has("did not come in time; connection of 192.0.2.7 closed")) << log_.text();
    EXPECT_TRUE(log_.has("did not come in time; connection of 127.0.0.1 closed")) << log_.text();
}

TEST_F(ProxyProtocol, IsReadOnAUnixSocketIfAsked) {
    const test::UnixPath path;
    auto local = options();
    local.unix_socket = path.text();
    local.proxy_protocol_from = {"unix"};
    ServerThread server(local);
    server->register_script_handler("x", tell_peer);
    server.start();
    const auto call_by = [&](const std::string& header) {
        const auto peer = test::connect_unix(path.text());
        peer->send(header);
        peer->call("x");
        return peer->answer_all();
    };
    EXPECT_EQ(call_by(kBlock), "NOOP \"192.0.2.7 4660\"\n");
    EXPECT_EQ(call_by(kLocal), "NOOP \"-\"\n");
    EXPECT_EQ(call_by(line_for("203.0.113.5")), "");
    EXPECT_EQ(server.counters().refused_address, 1U);
    EXPECT_EQ(call_by(""), "");
    EXPECT_EQ(server.counters().proxy_errors, 1U);
}

TEST_F(ProxyProtocol, IsReadByServeCall) {
    asio::io_context context(1);
    Router router;
    router.register_script_handler("x", tell_peer);
    const CallOptions shared(options());
    asio::ip::tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), 0});
    const auto serve = [&](const std::string& header, std::string& lines) {
        asio::ip::tcp::socket socket(context);
        TcpPeer peer(acceptor.local_endpoint().port());
        acceptor.accept(socket);
        auto ended = serve_call(std::move(socket), router, shared, asio::use_future);
        std::thread thread([&] { context.run(); });
        peer.send(header);
        peer.call("x");
        lines = peer.answer_all();
        thread.join();
        context.restart();
        return ended.get();
    };
    std::string lines;
    EXPECT_EQ(serve(kBlock, lines).how, CallOutcome::returned);
    EXPECT_EQ(lines, "NOOP \"192.0.2.7 4660\"\n");
    const auto refused = serve("", lines);
    EXPECT_EQ(refused.how, CallOutcome::fault);
    EXPECT_EQ(refused.reason, "there is no PROXY header");
    EXPECT_EQ(shared.counters().proxy_errors, 1U);
}

TEST_F(ProxyProtocol, SaysWhichProxyIsNoNetwork) {
    auto wrong = options();
    wrong.proxy_protocol_from = {"unix", "10.0.0.0/33"};
    try {
        const FastAGIServer server(wrong);
        FAIL();
    } catch (const std::invalid_argument& error) {
        EXPECT_STREQ(
            error.what(), "proxy_protocol_from: \"10.0.0.0/33\" is neither an address nor a network"
        );
    }
}

}  // namespace
}  // namespace costrix::agi
