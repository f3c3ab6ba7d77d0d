// SPDX-License-Identifier: MIT
// The handler of the README's program as a classic AGI script, and as a service on any port.
#define main fastagi_main
#include "../../samples/support.cpp"
#undef main

#include <cstdlib>
#include <iostream>

int main(int argc, char** argv) {
    const char* const pattern = "support/(?<queue>\\w+)";
    if (agi::started_by_asterisk()) {
        agi::ScriptRunner script;
        script.register_script_handler(pattern, support);
        return script.run();
    }
    const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0);
    return agi::run_server({.port = port}, [pattern](agi::FastAGIServer& server) {
        server.register_script_handler(pattern, support);
        std::cout << "listening on port " << server.port() << std::endl;
    });
}
