// SPDX-License-Identifier: MIT
// Shows: a web page with the live calls, which can hang up and redirect them. Boost.Beast serves it
// over HTTP and WebSocket on the calls' own io_context, so nothing is locked.
// Run: dashboard; open http://127.0.0.1:8080/, then call agi://127.0.0.1:4573/music.
// Needs Boost.Asio: cmake --preset boost.
#include "dashboard_page.hpp"
#include "live_calls.hpp"

#include <boost/beast.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

namespace agi = costrix::agi;
namespace beast = boost::beast;
namespace http = beast::http;
using namespace std::chrono_literals;
using asio::use_awaitable;
using asio::ip::tcp;
using HttpRequest = http::request<http::string_body>;
using Json = nlohmann::json;
using WebSocket = beast::websocket::stream<beast::tcp_stream>;

asio::awaitable<void> music(agi::AGI& call) {
    co_await call.execute(agi::Answer());
    for (;;)
        co_await call.execute(agi::StreamFile("demo-moreinfo"));
}

std::string list(const LiveCalls& live) {
    auto all = Json::array();
    for (const auto& [number, call] : live.calls()) {
        Json shown{{"number", number}, {"caller", call.caller}, {"name", call.name}};
        shown["channel"] = call.channel;
        shown["path"] = call.path;
        all.push_back(std::move(shown));
    }
    return all.dump(-1, ' ', false, Json::error_handler_t::replace);  // names need not be UTF-8
}

void obey(LiveCalls& live, const Json& order) {
    const auto number = order.value("call", std::uint64_t{0});
    if (order.value("hang_up", false))
        live.hang_up(number);
    else if (auto extension = order.value("redirect", ""); !extension.empty())
        live.redirect(number, std::move(extension));
}

/// Sends the list again and again, one message for all that has changed meanwhile.
asio::awaitable<void> send_lists(WebSocket& socket, LiveCalls& live) {
    for (std::uint64_t sent = 0;;) {
        if (sent == live.version()) {
            co_await live.change();
            continue;
        }
        sent = live.version();
        const auto text = list(live);
        co_await socket.async_write(asio::buffer(text), use_awaitable);
    }
}

asio::awaitable<void> read_orders(WebSocket& socket, LiveCalls& live) {
    for (beast::flat_buffer buffer;; buffer.clear()) {
        co_await socket.async_read(buffer, use_awaitable);
        obey(live, Json::parse(beast::buffers_to_string(buffer.data())));
    }
}

/// Whether our own page asks: any page in the user's browser can send requests to this port.
bool ours(const HttpRequest& request, std::uint16_t port) {
    for (const std::string name : {"127.0.0.1:", "localhost:"}) {
        const auto host = name + std::to_string(port);
        if (request[http::field::host] == host)
            return !beast::websocket::is_upgrade(request) ||
                   request[http::field::origin] == "http://" + host;
    }
    return false;
}

asio::awaitable<void>
serve_browser(beast::tcp_stream stream, std::uint16_t port, std::shared_ptr<LiveCalls> live) {
    beast::flat_buffer buffer;
    HttpRequest request;
    stream.expires_after(10s);
    co_await http::async_read(stream, buffer, request, use_awaitable);
    const bool allowed = ours(request, port);
    if (allowed && beast::websocket::is_upgrade(request)) {
        stream.expires_never();
        WebSocket socket(std::move(stream));
        socket.set_option(beast::websocket::stream_base::timeout::suggested(beast::role_type::server
        ));
        socket.read_message_max(4096);
        co_await socket.async_accept(request, use_awaitable);
        co_await agi::race(send_lists(socket, *live), read_orders(socket, *live));
        co_return;
    }
    http::response<http::string_body> response(http::status::ok, request.version());
    response.set(http::field::content_type, "text/html; charset=utf-8");
    response.keep_alive(false);
    if (!allowed)
        response.result(http::status::forbidden);
    else if (request.target() != "/" || request.method() != http::verb::get)
        response.result(http::status::not_found);
    else
        response.body() = kDashboardPage;
    response.prepare_payload();
    co_await http::async_write(stream, response, use_awaitable);
}

asio::awaitable<void> serve_browsers(tcp::acceptor& web, std::shared_ptr<LiveCalls> live) {
    const auto port = web.local_endpoint().port();
    asio::steady_timer pause(web.get_executor());
    for (;;) {
        costrix::error_code error;
        beast::tcp_stream stream(
            co_await web.async_accept(asio::redirect_error(use_awaitable, error))
        );
        if (error) {  // such as too many open files: the calls go on
            pause.expires_after(100ms);
            co_await pause.async_wait(use_awaitable);
            continue;
        }
        auto served = serve_browser(std::move(stream), port, live);
        // A browser that goes away, or sends what is no request, ends its own connection only.
        asio::co_spawn(web.get_executor(), std::move(served), asio::detached);
    }
}

asio::awaitable<void> serve(
    asio::io_context& context,
    agi::FastAGIServer& server,
    tcp::acceptor& web,
    std::shared_ptr<LiveCalls> live
) {
    co_await agi::race(server.serve_forever(), serve_browsers(web, live));
    context.stop();  // the last call has ended; no browser holds us up
}

int main(int argc, char** argv) try {
    const auto port = [&](int n, int otherwise) {
        return static_cast<std::uint16_t>(argc > n ? std::atoi(argv[n]) : otherwise);
    };
    asio::io_context context(1);
    const auto live = std::make_shared<LiveCalls>(context.get_executor());
    agi::FastAGIServer server(context.get_executor(), {.port = port(1, 4573), .drain_timeout = 5s});
    server.register_script_handler("music$", [live](agi::AGI& call, const agi::Request& request) {
        return live->run(call, request, music(call));
    });
    tcp::acceptor web(context, {asio::ip::address_v4::loopback(), port(2, 8080)});
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&server](auto, int) { server.shutdown(); });
    auto served = asio::co_spawn(context, serve(context, server, web, live), asio::use_future);
    std::cout << "listening on port " << server.port() << ", page on port "
              << web.local_endpoint().port() << std::endl;
    context.run();
    served.get();
} catch (const std::exception& error) {
    std::cerr << "dashboard: " << error.what() << std::endl;
    return 1;
}
