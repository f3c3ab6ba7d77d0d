// SPDX-License-Identifier: MIT
// Tutorial, step 5: the service with limits, a log for the journal, recordings and counters.
#include "inbox.hpp"

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <exception>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

namespace {

// Stands for your database.
asio::awaitable<std::optional<int>> count_messages(std::string agent) {
    if (agent == "1001")
        co_return 3;
    co_return std::nullopt;
}

void report(const agi::ServerCounters& counters) {
    spdlog::info(
        "{} calls: {} ended, {} hung up, {} failed",
        counters.accepted,
        counters.finished,
        counters.hangups,
        counters.handler_failures
    );
}

}  // namespace

int main() {
    spdlog::set_pattern("%l: %v");  // the journal adds the time
    agi::FastAGIServerOptions options;
    options.handle_signals = true;    // SIGTERM: no new calls, and wait for those in progress,
    options.drain_timeout = 1min;     // but not longer than this
    options.session_timeout = 10min;  // no call takes longer
    if (const char* directory = std::getenv("STATE_DIRECTORY")) {  // systemd sets it
        options.record.emplace();
        options.record->directory = directory;
        options.record->fraction = 0.01;  // one call in a hundred
    }
    try {
        agi::FastAGIServer server(options);
        server.register_script_handler("inbox$", inbox(count_messages));
        server.run();
        report(server.counters());
    } catch (const std::exception& error) {
        spdlog::critical("{}", error.what());
        return 1;
    }
}
