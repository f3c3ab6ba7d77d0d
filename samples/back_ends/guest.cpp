// SPDX-License-Identifier: MIT
// Shows: Costrix as a guest in a service that owns its io_context, its threads, its signals and its
// shutdown. Calls, a status port and a pool for code that blocks run side by side.
// Run: guest, then call agi://127.0.0.1:4573/balance/42; nc 127.0.0.1 4574 prints the status.
// Expect: SIGTERM ends it after the last call, a second SIGTERM at once.
#include <costrix/agi.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

namespace agi = costrix::agi;
using namespace std::chrono_literals;
using asio::ip::tcp;

// Stands for a client library that blocks. It holds up one thread of the pool, and no call.
asio::awaitable<std::string> balance_of(std::string account) {
    std::this_thread::sleep_for(400ms);
    co_return account + "00";
}

asio::awaitable<void>
balance(asio::thread_pool& blocking, agi::AGI& call, const agi::Request& request) {
    co_await call.execute(agi::Answer());
    const std::string account(request.match["account"]);
    const auto hold = agi::StreamFile("pls-hold-while-try");
    const auto found =
        co_await call.execute_during(hold, agi::run_on(blocking, balance_of(account)));
    co_await call.execute(agi::SayDigits(found.value));
}

// Other work of the service, on the same io_context: the number of calls, for whoever connects.
asio::awaitable<void> tell_status(tcp::acceptor& port, const agi::FastAGIServer& server) {
    asio::steady_timer pause(port.get_executor());
    for (;;) {
        costrix::error_code error;
        auto client = co_await port.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (error) {  // such as too many open files: the calls go on
            pause.expires_after(100ms);
            co_await pause.async_wait(asio::use_awaitable);
            continue;
        }
        const auto status = "calls: " + std::to_string(server.sessions()) + "\n";
        co_await asio::async_write(
            client, asio::buffer(status), asio::redirect_error(asio::use_awaitable, error)
        );
    }
}

asio::awaitable<void> end_on_signals(agi::FastAGIServer& server) {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGINT, SIGTERM);
    co_await signals.async_wait(asio::use_awaitable);
    server.shutdown();  // takes no more calls; those that run go on
    co_await signals.async_wait(asio::use_awaitable);
}

asio::awaitable<void>
serve(asio::io_context& context, tcp::acceptor& status, agi::FastAGIServer& server) {
    const auto first = co_await agi::race(
        server.serve_forever(), tell_status(status, server), end_on_signals(server)
    );
    if (first.index() == 2)  // a second signal: calls still run, and we do not wait for them
        context.stop();
}

int main(int argc, char** argv) try {
    const auto port = [&](int n, int otherwise) {
        return static_cast<std::uint16_t>(argc > n ? std::atoi(argv[n]) : otherwise);
    };
    asio::io_context context;
    asio::thread_pool blocking(4);
    agi::FastAGIServer server(context.get_executor(), {.port = port(1, 4573)});
    server.register_script_handler(
        "balance/(?<account>\\d+)$",
        [&](agi::AGI& call, const agi::Request& request) {
            return balance(blocking, call, request);  // starts a coroutine, is none
        }
    );
    const auto strand = asio::make_strand(context);  // two threads run the context
    tcp::acceptor status(strand, {asio::ip::address_v4::loopback(), port(2, 4574)});
    auto served = asio::co_spawn(strand, serve(context, status, server), asio::use_future);
    std::cout << "listening on port " << server.port() << ", status on port "
              << status.local_endpoint().port() << std::endl;
    std::thread second([&] { context.run(); });
    context.run();
    second.join();
    served.get();  // throws what went wrong, if anything did
} catch (const std::exception& error) {
    std::cerr << "guest: " << error.what() << std::endl;
    return 1;
}
