// SPDX-License-Identifier: MIT
// A FastAGIServer that runs in a thread of its own.
#pragma once

#include "support/tcp_peer.hpp"

#include <costrix/agi/fast_agi_server.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace costrix::test {

/// True once `condition` holds; false when it did not within ten seconds.
template <class Condition>
bool eventually(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

/// A handler that executes ANSWER and ends.
asio::awaitable<void> answer(agi::AGI& call, const agi::Request& request);

/// True when a connection is refused, or taken, at this moment. Neither when it is not answered.
bool refuses(std::uint16_t port);
bool accepts(std::uint16_t port);

/// Listens from the beginning, serves from start() on.
class ServerThread {
public:
    explicit ServerThread(agi::FastAGIServerOptions options) : server_(std::move(options)) {}
    ~ServerThread() { stop(); }
    ServerThread(const ServerThread&) = delete;
    ServerThread& operator=(const ServerThread&) = delete;

    agi::FastAGIServer* operator->() noexcept { return &server_; }
    agi::FastAGIServer& operator*() noexcept { return server_; }
    std::uint16_t port() const noexcept { return server_.port(); }
    agi::ServerCounters counters() const noexcept { return server_.counters(); }

    void start(std::size_t threads = 1) {
        thread_ = std::thread([this, threads] { server_.run(threads); });
    }
    /// Shuts it down and waits for its end.
    void stop() {
        server_.shutdown();
        join();
    }
    void join() {
        if (thread_.joinable())
            thread_.join();
    }

private:
    agi::FastAGIServer server_;
    std::thread thread_;
};

/// Peers that have called and hold their session.
std::vector<std::unique_ptr<TcpPeer>>
hold_calls(ServerThread& server, std::size_t number, std::string_view path = "x");

}  // namespace costrix::test
