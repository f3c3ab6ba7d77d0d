// SPDX-License-Identifier: MIT
// Shows: a caller look-up in PostgreSQL on the calls' own io_context. A prompt plays meanwhile and
// is cut short when the row is there; no thread blocks; after two seconds the call goes on without.
// Run: postgres_lookup 'host=/var/run/postgresql dbname=pbx', with a table customers (number text,
// name text); then call agi://127.0.0.1:4573/customer.
// Expect: the channel variables CUSTOMER and LOOKUP, which is FOUND, UNKNOWN or FAILED.
#include "postgres_pool.hpp"

#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

struct Customer {
    std::string name;
    const char* lookup;  // FOUND, UNKNOWN or FAILED
};

asio::awaitable<Customer> find(PostgresPool& pool, agi::AGI& call, std::string number) {
    try {
        std::vector<std::string> parameters{std::move(number)};
        auto query = pool.query(
            "SELECT name FROM customers WHERE number = $1 LIMIT 1", std::move(parameters)
        );
        const auto first = co_await agi::race(std::move(query), call.sleep_for(2s));
        if (first.index() == 1)
            throw DatabaseError("no answer within two seconds");
        const auto& rows = std::get<0>(first);
        if (rows.empty())
            co_return Customer{"", "UNKNOWN"};
        co_return Customer{rows[0][0].value_or(""), "FOUND"};
    } catch (const DatabaseError& error) {
        spdlog::warn("no look-up: {}", agi::printable(error.what()));
        co_return Customer{"", "FAILED"};
    }
}

asio::awaitable<void> customer(PostgresPool& pool, agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    const std::string number(call.environment().caller_id().value_or(""));
    const auto hold = agi::StreamFile("pls-hold-while-try");
    const auto found = co_await call.execute_during(hold, find(pool, call, number));
    co_await call.execute(agi::SetVariable("LOOKUP", found.value.lookup));
    co_await call.execute(agi::SetVariable("CUSTOMER", found.value.name));
}

int main(int argc, char** argv) try {
    if (argc < 2) {
        std::cerr << "usage: postgres_lookup CONNINFO [PORT [CONNECTIONS]]\n";
        return 2;
    }
    const auto port = static_cast<std::uint16_t>(argc > 2 ? std::atoi(argv[2]) : 4573);
    const int connections = argc > 3 ? std::atoi(argv[3]) : 8;
    PostgresPool pool(argv[1], static_cast<std::size_t>(connections));  // outlives the io_context
    asio::io_context context(1);
    agi::FastAGIServer server(context.get_executor(), {.port = port});
    server.register_script_handler(
        "customer$",
        [&pool](agi::AGI& call, const agi::Request& request) {
            return customer(pool, call, request);
        }
    );
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&server](auto, int) { server.shutdown(); });
    auto served = asio::co_spawn(context, server.serve_forever(), asio::use_future);
    std::cout << "listening on port " << server.port() << std::endl;
    context.run();
    served.get();
} catch (const std::exception& error) {
    std::cerr << "postgres_lookup: " << error.what() << std::endl;
    return 1;
}
