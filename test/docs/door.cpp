// SPDX-License-Identifier: MIT
// The service of docs/from-*.md: a door that opens for callers who know its PIN.
#include <costrix/agi.hpp>
namespace agi = costrix::agi;
using namespace std::chrono_literals;

asio::awaitable<void> door(agi::AGI& call, const agi::Request& request) {
    co_await call.execute(agi::Answer());
    const auto pin = co_await call.execute(agi::DatabaseGet("pin", request.args.at(0)));
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto entered =
            co_await call.execute(agi::GetData("agent-pass").timeout(5s).max_digits(4));
        if (entered.digits == pin) {
            co_await call.execute(agi::SetVariable("DOOR", "open"));
            co_return;
        }
        co_await call.execute(agi::StreamFile("auth-incorrect"));
    }
}

int main() {
    return agi::run_server({.port = 4573}, [](agi::FastAGIServer& server) {
        server.register_script_handler("door$", door);
    });
}
