// SPDX-License-Identifier: MIT
// Shows: a PIN with three tries, checked by a database while a prompt plays. Run: ask_pin, then
// call agi://127.0.0.1:4573/login. Expect: CUSTOMER is the caller's name, or empty.
#include <costrix/agi.hpp>

#include <cstdlib>
#include <iostream>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

// Stands for a database: any awaitable of yours. It waits on the call's own clock, so that a test
// need not wait at all.
struct Customers {
    agi::AGI& call;
    std::string name = {};

    asio::awaitable<bool> find(std::string pin) {
        co_await call.sleep_for(800ms);
        name = pin == "1234" ? "Alice" : pin == "0007" ? "James" : "";
        co_return !name.empty();
    }
};

asio::awaitable<void> login(agi::AGI& call, const agi::Request&) {
    Customers customers{call};
    agi::Ask pin("agent-pass");
    pin.digits(4).attempts(3).first_key(5s).next_key(3s).whole(20s);
    pin.on_silence("please-try-again").on_invalid("auth-incorrect").on_failure("goodbye");
    pin.accept([&](std::string digits) { return customers.find(std::move(digits)); });
    pin.while_checking("pls-wait-connect-call");
    const agi::Asked given = co_await pin.run(call);
    co_await call.execute(agi::SetVariable("CUSTOMER", customers.name));
    if (given.end == agi::AnswerEnd::silence)
        co_await call.execute(agi::Verbose("the caller stays silent"));
}

int main(int argc, char** argv) {
    if (agi::started_by_asterisk())
        return agi::run_script(login);
    const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 4573);
    return agi::run_server({.port = port}, [](agi::FastAGIServer& server) {
        server.register_script_handler("login$", login);
        std::cout << "listening on port " << server.port() << std::endl;
    });
}
