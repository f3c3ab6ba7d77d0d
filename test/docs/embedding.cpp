// SPDX-License-Identifier: MIT
// The code blocks of docs/embedding.md and docs/operations.md.
#include <costrix/agi.hpp>
#include <costrix/asio.hpp>
#include <costrix/ops/endpoint.hpp>

#include <iostream>
#include <memory>
#include <utility>

namespace agi = costrix::agi;
namespace ops = costrix::ops;

namespace {

asio::awaitable<void> menu(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
}

}  // namespace

asio::awaitable<void> serve(asio::io_context& context) {
    agi::FastAGIServer server(context.get_executor(), {.port = 4573}, agi::Threads::one);
    server.register_script_handler("menu$", menu);
    co_await server.serve_forever();
}

asio::awaitable<void> serve_descriptor(asio::io_context& context, int descriptor) {
    asio::ip::tcp::acceptor acceptor(context, asio::ip::tcp::v6(), descriptor);
    agi::FastAGIServer server(std::move(acceptor), {.allow = {"10.0.0.0/8"}});
    server.register_script_handler("menu$", menu);
    co_await server.serve_forever();
}

asio::awaitable<void>
serve_stream(asio::ip::tcp::socket socket, const agi::Router& router, agi::CallOptions options) {
    const auto ended = co_await agi::serve_call(std::move(socket), router, options);
    if (!ended.ok())
        std::cerr << ended.reason << '\n';
}

// docs/operations.md
void behind_a_proxy() {
    agi::FastAGIServerOptions options;
    options.interface = "10.0.0.11";
    options.proxy_protocol_from = {"10.0.0.10"};  // HAProxy
    options.allow = {"10.0.1.0/24"};              // Asterisk
}

asio::awaitable<void> order(agi::AGI& call, const agi::Request& request);

void on_call() {
    const auto metrics = std::make_shared<ops::Metrics>();
    agi::FastAGIServer server({.port = 4573, .handle_signals = true, .observer = metrics});
    server.register_script_handler("order$", order);
    const ops::Endpoint endpoint(server, metrics, {.port = 9573});
    server.run();
}
