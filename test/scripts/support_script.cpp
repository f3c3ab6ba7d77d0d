// SPDX-License-Identifier: MIT
// The handler of the README's program as a classic AGI script.
#pragma GCC diagnostic ignored "-Wreturn-type"  // of what was main(), and is not called
#define main fastagi_main
#include "../../samples/support.cpp"
#undef main

int main() {
    agi::ScriptRunner script;
    script.register_script_handler("support/(?<queue>\\w+)", support);
    return script.run();
}
