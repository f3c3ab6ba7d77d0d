// SPDX-License-Identifier: MIT
// The code blocks of docs/embedding.md.
#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <iostream>
#include <utility>

namespace agi = costrix::agi;

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
