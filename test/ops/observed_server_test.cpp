// SPDX-License-Identifier: MIT
// What the endpoint tells of a server's real calls.
#include "ops/endpoint_fixture.hpp"
#include "ops/store.hpp"

#include <costrix/agi.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <future>
#include <string>

namespace costrix::ops {
namespace {

using test::eventually;
using test::TcpPeer;
using ObservedServer = test::EndpointFixture;

/// The value of a sample; -1 if it is not on the page.
double value(const std::string& page, const std::string& sample) {
    const auto at = page.find("\n" + sample + " ");
    return at == std::string::npos ? -1 : std::stod(page.substr(at + sample.size() + 2));
}

TEST_F(ObservedServer, ShowsACall) {
    serve();
    TcpPeer peer(server_->port());
    peer.call("menu?pin=1234");
    EXPECT_EQ(peer.line(), "ANSWER");
    const auto waits = "\"waits_for\":\"asterisk\"";
    EXPECT_TRUE(eventually([&] { return body("/calls").find(waits) != std::string::npos; }));
    const auto calls = body("/calls");
    EXPECT_NE(calls.find("\"command\":\"ANSWER\""), std::string::npos) << calls;
    EXPECT_NE(calls.find("\"id\":\"17.1\""), std::string::npos) << calls;
    EXPECT_NE(calls.find("\"route\":\"menu\""), std::string::npos) << calls;
    EXPECT_EQ(calls.find("1234"), std::string::npos) << calls;
    peer.send("200 result=0\n");
    EXPECT_EQ(peer.line(), "<eof>");
    EXPECT_TRUE(eventually([&] { return body("/calls") == R"({"total":0,"calls":[]})"; }));
}

TEST_F(ObservedServer, IsNotReadyWhileFullOrDraining) {
    agi::FastAGIServerOptions options;
    options.max_sessions = 2;  // one a loop
    serve(std::move(options));
    TcpPeer one(server_->port());
    one.call("menu");
    EXPECT_EQ(one.line(), "ANSWER");
    const auto full_loops = [&] { return metrics_->store().full_loops(); };
    EXPECT_TRUE(eventually([&] { return full_loops() == 1; }));
    EXPECT_EQ(body("/readyz"), "accepting\n");  // the other loop takes the next call
    TcpPeer two(server_->port());
    two.call("menu");
    EXPECT_EQ(two.line(), "ANSWER");
    EXPECT_TRUE(eventually([&] { return body("/readyz") == "full\n"; }));
    EXPECT_TRUE(get("/readyz").starts_with("HTTP/1.1 503 "));
    one.send("200 result=0\n");
    EXPECT_TRUE(eventually([&] { return body("/readyz") == "accepting\n"; }));
    EXPECT_TRUE(get("/readyz").starts_with("HTTP/1.1 200 "));
    TcpPeer last(server_->port());
    last.call("menu");
    EXPECT_EQ(last.line(), "ANSWER");
    (*server_)->shutdown();
    EXPECT_TRUE(eventually([&] { return body("/readyz") == "draining\n"; }));
    EXPECT_TRUE(get("/healthz").starts_with("HTTP/1.1 200 "));
}

TEST_F(ObservedServer, AnswersWhileAHandlerBlocksItsLoop) {
    serve();
    std::promise<void> go_on;
    const auto blocks = [&](agi::AGI&, const agi::Request&) -> asio::awaitable<void> {
        go_on.get_future().wait();
        co_return;
    };
    (*server_)->register_script_handler("blocks", blocks);
    TcpPeer peer(server_->port());
    peer.call("blocks");
    const auto waits = R"("waits_for":"script")";
    EXPECT_TRUE(eventually([&] { return body("/calls").find(waits) != std::string::npos; }));
    EXPECT_EQ(body("/readyz"), "accepting\n");
    go_on.set_value();
    EXPECT_EQ(peer.line(), "<eof>");
}

TEST_F(ObservedServer, TellsWhyItRefuses) {
    serve();
    TcpPeer peer(server_->port());
    peer.call("nowhere");
    EXPECT_EQ(peer.line(), "<eof>");
    EXPECT_TRUE(eventually([&] {
        return value(body("/metrics"), "costrix_refusals_total{reason=\"no_route\"}") == 1;
    }));
    EXPECT_NE(body("/state").find(R"("kind":"no_route")"), std::string::npos) << body("/state");
}

/// Where nothing measures, the numbers must be exact.
TEST_F(ObservedServer, AgreesWithTheServersCounters) {
    serve();
    const int calls =
        std::getenv("COSTRIX_OPS_CALLS") ? std::atoi(std::getenv("COSTRIX_OPS_CALLS")) : 2000;
    for (int i = 0; i < calls; ++i) {
        TcpPeer peer(server_->port());
        peer.call(i % 4 == 0 ? "nowhere" : "menu");
        if (i % 4 == 1)
            peer.line();  // and hangs up before it answers
        else
            peer.answer_all();
    }
    ASSERT_TRUE(eventually([&] { return (*server_)->sessions() == 0; }));
    const auto counters = server_->counters();
    const auto page = body("/metrics");
    const auto is = [&](const std::string& sample, std::uint64_t expected) {
        EXPECT_EQ(value(page, sample), static_cast<double>(expected)) << sample;
    };
    EXPECT_EQ(counters.accepted, static_cast<std::uint64_t>(calls));
    is("costrix_connections_total", counters.accepted);
    is("costrix_refusals_total{reason=\"no_route\"}", counters.refused_no_route);
    is("costrix_sessions_ended_total{how=\"returned\"}", counters.finished);
    is("costrix_sessions_ended_total{how=\"hung_up\"}", counters.hangups);
    is("costrix_session_commands_total", counters.commands);
    // The histograms come from the observer, the counters from the server: two ways to count.
    const auto begun = counters.accepted - counters.refused_no_route;
    is("costrix_turn_around_seconds_count{route=\"menu\"}", begun);
    is("costrix_command_duration_seconds_count{command=\"ANSWER\"}", begun);
    EXPECT_EQ(counters.commands, begun - counters.hangups);
    is("costrix_sessions", 0);
    is("costrix_calls_waiting{for=\"script\"}", 0);
}

}  // namespace
}  // namespace costrix::ops
