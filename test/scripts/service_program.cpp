// SPDX-License-Identifier: MIT
// A server as a service manager or a balancer runs it. Arguments: port or path of a Unix socket,
// threads, and networks of proxies. Its handlers answer at once, hold the call, or block their
// thread.
#include <costrix/agi.hpp>
#ifdef COSTRIX_HAS_OPS
#include <costrix/ops/endpoint.hpp>
#include <costrix/ops/metrics.hpp>
#endif

#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

namespace agi = costrix::agi;
using costrix::asio::awaitable;

namespace {

/// Says who it is, and who calls.
awaitable<void> answer(agi::AGI& call, const agi::Request& request) {
    const auto who = request.kwargs.first("as").value_or("");
    const auto peer = request.peer ? request.peer->address().to_string() : "-";
    const agi::Noop said(std::string(who) + ' ' + peer);
    co_await call.execute(said);
}

/// Talks for a second, and says in the end who has served the call.
awaitable<void> talk(agi::AGI& call, const agi::Request&) {
    const agi::Noop word("word");
    for (int i = 0; i < 5; ++i) {
        co_await call.execute(word);
        co_await call.sleep_for(std::chrono::milliseconds(200));
    }
    const char* name = std::getenv("SERVICE_NAME");
    const agi::SetVariable served("SERVED_BY", name ? name : "nobody");
    co_await call.execute(served);
}

awaitable<void> hold(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Noop("held"));
    co_await call.wait_for_hangup();
}

/// Until the file `until` is there.
awaitable<void> block(agi::AGI& call, const agi::Request& request) {
    const std::filesystem::path until(std::string(request.kwargs.first("until").value_or("")));
    co_await call.execute(agi::Noop("blocks"));
    while (!std::filesystem::exists(until))
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

void set_up(agi::FastAGIServer& server) {
    server.register_script_handler("answer", answer);
    server.register_script_handler("talk", talk);
    server.register_script_handler("hold", hold);
    server.register_script_handler("block", block);
    std::printf("listening on port %d\n", server.port());
    std::fflush(stdout);
}

/// With the HTTP endpoint of costrix::ops on this port.
int run_with_ops(agi::FastAGIServerOptions options, std::size_t threads, const char* port) {
#ifdef COSTRIX_HAS_OPS
    const auto metrics = std::make_shared<costrix::ops::Metrics>();
    options.observer = metrics;
    options.handle_signals = true;
    agi::FastAGIServer server(options);
    costrix::ops::Options endpoint_options;
    endpoint_options.port = static_cast<std::uint16_t>(std::atoi(port));
    const costrix::ops::Endpoint endpoint(server, metrics, endpoint_options);
    set_up(server);
    server.run(threads);
    return 0;
#else
    std::printf("built without costrix::ops: %s %zu %d\n", port, threads, options.port);
    return 1;
#endif
}

}  // namespace

int main(int argc, char** argv) {
    agi::FastAGIServerOptions options;
    const std::string where = argc > 1 ? argv[1] : "0";
    if (where.starts_with('/'))
        options.unix_socket = where;
    options.port = static_cast<std::uint16_t>(std::atoi(where.c_str()));
    const auto threads = static_cast<std::size_t>(argc > 2 ? std::atoi(argv[2]) : 1);
    for (int i = 3; i < argc; ++i)
        options.proxy_protocol_from.emplace_back(argv[i]);
    spdlog::set_level(spdlog::level::warn);
    if (const char* ops = std::getenv("OPS_PORT"))
        return run_with_ops(options, threads, ops);
    return agi::run_server(options, set_up, threads);
}
