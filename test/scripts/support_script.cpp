// SPDX-License-Identifier: MIT
// The handler of the README's program as a classic AGI script, and as a service on any port.
#pragma GCC diagnostic ignored "-Wreturn-type"  // of what was main(), and is not called
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
    agi::FastAGIServer server({.port = port});
    server.register_script_handler(pattern, support);
    std::cout << "listening on port " << server.port() << std::endl;
    server.run();
}
