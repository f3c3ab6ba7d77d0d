// SPDX-License-Identifier: MIT
// Shows: a prompt that plays while a look-up runs, is cut short when it is done, and stops with it
// when the caller hangs up. Run: please_hold, then call agi://127.0.0.1:4573/customer; or put it
// into Asterisk's agi-bin and call AGI(please_hold).
#include <costrix/agi.hpp>

#include <cstdlib>
#include <iostream>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

// Stands for a database: any awaitable of yours. It waits on the call's own clock, so that a test
// need not wait at all.
asio::awaitable<std::string> look_up(agi::AGI& call, std::string caller) {
    co_await call.sleep_for(800ms);
    co_return caller == "5551234" ? "Alice" : "";
}

asio::awaitable<void> customer(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    const std::string number(call.environment().caller_id().value_or("unknown"));

    // Plays until the look-up is done; a key ends the prompt only, and is not lost.
    const auto hold = agi::StreamFile("pls-hold-while-try").escape_digits("0");
    const auto found = co_await call.execute_during(hold, look_up(call, number));
    const bool wants_operator = found.played && found.played->key == '0';

    // The same without a prompt: cancelled when the caller hangs up.
    const auto again = co_await call.unless_hung_up(look_up(call, number));
    const std::string next = wants_operator ? "operator" : again;
    co_await call.execute(agi::SetVariable("CUSTOMER", next));

    // No reply within two seconds is an AGITimeout; the call goes on.
    co_await call.execute(agi::StreamFile("goodbye"), 2s);
}

int main(int argc, char** argv) {
    if (agi::started_by_asterisk())
        return agi::run_script(customer);
    const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 4573);
    return agi::run_server({.port = port}, [](agi::FastAGIServer& server) {
        server.register_script_handler("customer$", customer);
        std::cout << "listening on port " << server.port() << std::endl;
    });
}
