// SPDX-License-Identifier: MIT
// The endpoint over HTTP, beside a server with real connections.
#include "ops/endpoint_fixture.hpp"
#include "support/tcp_acceptor.hpp"

#include <costrix/agi/fast_agi_server.hpp>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace costrix::ops {
namespace {

using test::eventually;
using test::http_get;
using test::TcpPeer;
using namespace std::chrono_literals;
using EndpointTest = test::EndpointFixture;

TEST_F(EndpointTest, ServesItsPages) {
    serve();
    EXPECT_TRUE(get("/").starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_NE(get("/").find("<title>Costrix</title>"), std::string::npos);
    EXPECT_TRUE(get("/healthz").ends_with("\r\n\r\nok\n"));
    EXPECT_TRUE(get("/readyz").ends_with("\r\n\r\naccepting\n"));
    EXPECT_TRUE(get("/calls").ends_with(R"({"total":0,"calls":[]})"));
    EXPECT_NE(get("/state").find(R"("state":"accepting")"), std::string::npos);
    EXPECT_TRUE(get("/nowhere").starts_with("HTTP/1.1 404 "));
    EXPECT_NE(get("/metrics").find("Content-Type: text/plain; version=0.0.4"), std::string::npos);
    const auto open = get("/metrics", "Accept: application/openmetrics-text\r\n");
    EXPECT_NE(open.find("Content-Type: application/openmetrics-text;"), std::string::npos);
    EXPECT_TRUE(open.ends_with("# EOF\n"));
}

TEST_F(EndpointTest, OnlyReads) {
    serve();
    for (const std::string method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
        const auto reply = http_get(endpoint_->port(), "/calls", "Content-Length: 0\r\n", method);
        EXPECT_TRUE(reply.starts_with("HTTP/1.1 405 ")) << reply;
        EXPECT_NE(reply.find("Allow: GET, HEAD\r\n"), std::string::npos);
    }
    EXPECT_TRUE(http_get(endpoint_->port(), "/readyz", "", "HEAD").starts_with("HTTP/1.1 200 "));
}

TEST_F(EndpointTest, AnswersNoNameThatIsNotItsOwn) {
    serve();
    const auto as = [&](const std::string& host) {
        return http_get(endpoint_->port(), "/state", "", "GET", host).substr(9, 3);
    };
    EXPECT_EQ(as("localhost:9573"), "200");
    EXPECT_EQ(as("LOCALHOST"), "200");
    EXPECT_EQ(as("127.0.0.1"), "200");
    EXPECT_EQ(as("[::1]:9573"), "200");
    EXPECT_EQ(as("evil.example"), "403");
    EXPECT_EQ(as("127.0.0.1.evil.example:9573"), "403");
    Endpoint named(**server_, metrics_, {.port = 0, .host_names = {"agi.example"}});
    EXPECT_EQ(http_get(named.port(), "/", "", "GET", "agi.example:1").substr(9, 3), "200");
}

TEST_F(EndpointTest, AllowsNoScriptButItsOwn) {
    serve();
    const auto page = get("/"), again = get("/");
    const auto nonce = [](const std::string& text) {
        const auto at = text.find("script-src 'nonce-") + 18;
        return text.substr(at, text.find('\'', at) - at);
    };
    EXPECT_NE(page.find("Content-Security-Policy: default-src 'none';"), std::string::npos);
    EXPECT_NE(page.find("<script nonce=\"" + nonce(page) + "\">"), std::string::npos);
    EXPECT_NE(nonce(page), nonce(again));
}

TEST_F(EndpointTest, ClosesWhatIsTooLongOrNoRequest) {
    serve();
    const std::string host = "Host: localhost\r\n";
    for (const auto& nonsense :
         {std::string("nonsense\r\n\r\n"),
          "GET /" + std::string(5000, 'x') + " HTTP/1.1\r\n" + host + "\r\n",
          "GET / HTTP/1.1\r\n" + host + "X: " + std::string(5000, 'x') + "\r\n\r\n",
          "POST / HTTP/1.1\r\n" + host + "Content-Length: 9\r\n\r\n123456789"}) {
        TcpPeer peer(endpoint_->port());
        peer.send(nonsense);
        EXPECT_EQ(peer.rest().find(" 200 "), std::string::npos) << nonsense;
    }
    EXPECT_TRUE(get("/healthz").starts_with("HTTP/1.1 200 "));
}

TEST_F(EndpointTest, ClosesAConnectionThatSaysNothing) {
    serve();
    Endpoint impatient(**server_, metrics_, {.port = 0, .timeout = 100ms});
    TcpPeer silent(impatient.port());
    EXPECT_EQ(silent.line(), "<eof>");
}

TEST_F(EndpointTest, TakesOnlySoManyConnections) {
    serve();
    Endpoint small(**server_, metrics_, {.port = 0, .max_connections = 2, .timeout = 1s});
    TcpPeer one(small.port()), other(small.port());
    EXPECT_TRUE(http_get(small.port(), "/healthz").starts_with("HTTP/1.1 200 "));  // later
    EXPECT_EQ(one.line(), "<eof>");
}

TEST_F(EndpointTest, AcceptsAgainAfterTheProcessHadNoDescriptorLeft) {
    serve();
    TcpPeer peer(server_->port());
    peer.call("menu");
    EXPECT_EQ(peer.line(), "ANSWER");              // the server has opened all that it needs
    const auto port = test::TcpAcceptor().port();  // free a moment ago
    Endpoint endpoint(**server_, metrics_, {.port = port, .timeout = 50ms});
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    const auto before = limit;
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);  // all below are taken
    limit.rlim_cur = static_cast<rlim_t>(client) + 1;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    std::this_thread::sleep_for(100ms);  // the accept fails
    setrlimit(RLIMIT_NOFILE, &before);
    close(client);
    EXPECT_TRUE(eventually([&] {
        try {
            return http_get(port, "/healthz").starts_with("HTTP/1.1 200 ");
        } catch (const std::system_error&) {
            return false;  // while it opens anew
        }
    }));
}

TEST_F(EndpointTest, SaysWhatIsWrongWithItsOptions) {
    serve();
    const auto error = [&](Options options) -> std::string {
        try {
            Endpoint endpoint(**server_, metrics_, std::move(options));
        } catch (const std::exception& caught) {
            return caught.what();
        }
        return "";
    };
    EXPECT_EQ(
        error({.address = "ops.example"}),
        "ops::Options::address is \"ops.example\", which is not an IP address"
    );
    EXPECT_EQ(error({.max_connections = 0}), "ops::Options::max_connections is 0");
    const auto port = endpoint_->port();
    EXPECT_TRUE(
        error({.port = port})
            .starts_with("the ops endpoint cannot listen on 127.0.0.1 port " + std::to_string(port))
    );
    EXPECT_THROW(Endpoint(**server_, nullptr, Options{.port = 0}), std::invalid_argument);
}

TEST_F(EndpointTest, ServesOnTheIoContextOfTheUser) {
    asio::io_context context(1);
    agi::FastAGIServerOptions options;
    options.port = 0;
    options.observer = metrics_;
    agi::FastAGIServer server(context.get_executor(), options, agi::Threads::one);
    std::optional<Endpoint> endpoint(std::in_place, context, server, metrics_, Options{.port = 0});
    std::thread thread([&] { context.run(); });
    EXPECT_TRUE(http_get(endpoint->port(), "/readyz").starts_with("HTTP/1.1 200 "));
    asio::post(context, [&] { endpoint.reset(); });
    thread.join();  // nothing of the endpoint holds up the context
}

}  // namespace
}  // namespace costrix::ops
