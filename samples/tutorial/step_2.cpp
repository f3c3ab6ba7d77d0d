// SPDX-License-Identifier: MIT
// Tutorial, step 2: asks the caller for four digits, three times at most.
#include <costrix/agi.hpp>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

asio::awaitable<void> inbox(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    agi::Ask agent("agent-user");
    agent.digits(4).attempts(3).first_key(5s);
    agent.on_invalid("agent-incorrect").on_failure("vm-goodbye");
    const agi::Asked asked = co_await agent.run(call);
    if (asked)
        co_await call.execute(agi::SayDigits(asked.digits));
}

int main() {
    return agi::run_server({.port = 4573}, [](agi::FastAGIServer& server) {
        server.register_script_handler("inbox$", inbox);
    });
}
