// SPDX-License-Identifier: MIT
// Shows: metrics, health and a live page for whoever is on call. `order` waits for a slow back end
// meanwhile, and the page tells that its caller hears silence because of the script.
// Run: observed; open http://127.0.0.1:9573/, then call agi://127.0.0.1:4573/order a few times.
// Needs RESTinio (librestinio-dev) when Costrix is built.
#include <costrix/agi.hpp>
#include <costrix/ops/endpoint.hpp>

#include <cstdlib>
#include <iostream>

namespace agi = costrix::agi;
namespace ops = costrix::ops;
using namespace std::chrono_literals;

asio::awaitable<void> order(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    auto number = co_await call.execute(agi::GetData("enter-order-number").timeout(10s));
    co_await call.sleep_for(2s);  // a back end that is slow today
    co_await call.execute(agi::SayDigits(number.digits));
    co_await call.execute(agi::Hangup());
}

int main(int argc, char** argv) try {
    const auto port = [&](int n, int otherwise) {
        return static_cast<std::uint16_t>(argc > n ? std::atoi(argv[n]) : otherwise);
    };
    const auto metrics = std::make_shared<ops::Metrics>();
    agi::FastAGIServer server({.port = port(1, 4573), .handle_signals = true, .observer = metrics});
    server.register_script_handler("order$", order);
    const ops::Endpoint endpoint(server, metrics, {.port = port(2, 9573)});
    std::cout << "listening on port " << server.port() << ", page on port " << endpoint.port()
              << std::endl;
    server.run();
} catch (const std::exception& error) {
    std::cerr << "observed: " << error.what() << std::endl;
    return 1;
}
