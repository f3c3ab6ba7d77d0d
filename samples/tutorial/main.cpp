// SPDX-License-Identifier: MIT
// Tutorial, step 3: the service.
#include "inbox.hpp"

namespace agi = costrix::agi;

namespace {

// Stands for your database.
asio::awaitable<std::optional<int>> count_messages(std::string agent) {
    if (agent == "1001")
        co_return 3;
    co_return std::nullopt;
}

}  // namespace

int main() {
    return agi::run_server({.port = 4573}, [](agi::FastAGIServer& server) {
        server.register_script_handler("inbox$", inbox(count_messages));
    });
}
