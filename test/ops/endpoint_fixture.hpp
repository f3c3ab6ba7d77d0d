// SPDX-License-Identifier: MIT
// A server with an endpoint beside it, and a client that asks it.
#pragma once

#include "support/log_capture.hpp"
#include "support/server_thread.hpp"
#include "support/tcp_peer.hpp"

#include <costrix/ops/endpoint.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace costrix::test {

/// The whole response; the server closes the connection behind it. `headers`: each with its CRLF.
inline std::string http_get(
    std::uint16_t port,
    const std::string& path,
    const std::string& headers = "",
    const std::string& method = "GET",
    const std::string& host = "localhost"
) {
    TcpPeer peer(port);
    peer.send(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n");
    return peer.rest();
}

class EndpointFixture : public ::testing::Test {
protected:
    void serve(agi::FastAGIServerOptions options = {}) {
        options.port = 0;
        options.interface = "127.0.0.1";
        options.logger = log_.logger();
        options.observer = metrics_;
        server_.emplace(std::move(options));
        (*server_)->register_script_handler("menu", answer);
        endpoint_.emplace(**server_, metrics_, ops::Options{.port = 0});
        server_->start(2);
    }
    std::string get(const std::string& path, const std::string& headers = "") {
        return http_get(endpoint_->port(), path, headers);
    }
    std::string body(const std::string& path) {
        const auto response = get(path);
        return response.substr(response.find("\r\n\r\n") + 4);
    }

    LogCapture log_;
    std::shared_ptr<ops::Metrics> metrics_ = std::make_shared<ops::Metrics>();
    std::optional<ServerThread> server_;
    std::optional<ops::Endpoint> endpoint_;
};

}  // namespace costrix::test
