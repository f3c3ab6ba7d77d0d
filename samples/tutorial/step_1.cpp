// SPDX-License-Identifier: MIT
// Tutorial, step 1: answers and says hello.
#include <costrix/agi.hpp>

namespace agi = costrix::agi;

asio::awaitable<void> inbox(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    co_await call.execute(agi::StreamFile("hello-world"));
}

int main() {
    return agi::run_server({.port = 4573}, [](agi::FastAGIServer& server) {
        server.register_script_handler("inbox$", inbox);
    });
}
