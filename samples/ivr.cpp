// SPDX-License-Identifier: MIT
// Shows: a service with a menu, digits, branches and a hangup. Run: samples/run, or with --serve;
// or put it, or links to it, into Asterisk's agi-bin. Expect: one line in the log for each call.
#include <costrix/agi.hpp>

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

// "For sales press 1, for support press 2": asks up to three times.
asio::awaitable<void> menu(agi::AGI& call, const agi::Request&) {
    agi::Menu departments("vm-options");
    departments.on("1").on("2").first_key(3s).on_silence("invalid").on_invalid("invalid");
    co_await call.execute(agi::Answer());
    co_await call.execute(agi::StreamFile("hello-world").escape_digits("12"));
    const agi::Chosen chosen = co_await departments.run(call);
    if (!chosen) {
        co_await call.execute(agi::Verbose("no choice in three attempts"));
        co_return;
    }
    co_await call.execute(agi::SetVariable("DEPARTMENT", chosen.keys));
    co_await call.execute(agi::SayDigits(chosen.keys));
    co_await call.execute(agi::Hangup());
}

// agi://host/pin/1234: asks for the PIN that stands in the path.
asio::awaitable<void> pin(agi::AGI& call, const agi::Request& request) {
    co_await call.execute(agi::Answer());
    const auto entered =
        co_await call.execute(agi::GetData("agent-pass").timeout(5s).max_digits(4));
    const bool right = entered.digits == request.match["pin"];
    co_await call.execute(agi::SetVariable("PIN_OK", right ? "1" : "0"));
    co_await call.execute(agi::StreamFile(right ? "auth-thankyou" : "auth-incorrect"));
}

// Any other path: notes it in the log, and lets the dialplan go on.
asio::awaitable<void> fallback(agi::AGI& call, const agi::Request& request) {
    co_await call.execute(agi::Verbose("no script " + request.path));
}

// A FastAGIServer and a ScriptRunner take the same handlers.
template <class Program>
void register_handlers(Program& program) {
    program.register_script_handler("menu$", menu);
    program.register_script_handler("pin/(?<pin>\\d{4})$", pin);
    program.register_script_handler(std::nullopt, fallback);  // the default handler
}

int main(int argc, char** argv) {
    if (agi::started_by_asterisk()) {  // AGI(ivr,menu), or AGI(menu) by a link of that name
        agi::ScriptRunner script;
        register_handlers(script);
        return script.run();
    }
    const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 4573);
    return agi::run_server({.port = port}, [](agi::FastAGIServer& server) {
        register_handlers(server);
        std::cout << "listening on port " << server.port() << std::endl;
    });  // until SIGINT or SIGTERM, and until the last call has ended
}
