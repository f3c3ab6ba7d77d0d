// SPDX-License-Identifier: MIT
// Shows: the program of the README. Run: support, then call agi://127.0.0.1:4573/support/sales.
#include <costrix/agi.hpp>
namespace agi = costrix::agi;
using namespace std::chrono_literals;

asio::awaitable<void> support(agi::AGI& call, const agi::Request& request) {
    co_await call.execute(agi::Answer());
    auto pin = co_await call.execute(agi::GetData("agent-pass").timeout(5s).max_digits(4));
    if (!pin.digits.empty() && pin.digits == request.kwargs.first("pin"))
        co_await call.execute(agi::Exec("Queue", request.match["queue"]));
    co_await call.execute(agi::Hangup());
}

int main() {
    return agi::run_server({.port = 4573}, [](agi::FastAGIServer& server) {
        server.register_script_handler("support/(?<queue>\\w+)", support);
    });  // until SIGTERM, and until the last call has ended
}
