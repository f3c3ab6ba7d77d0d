// SPDX-License-Identifier: MIT
// The same as start_up_script.cpp, its handler chosen by a regular expression.
#include <costrix/agi/actions/channel.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/agi/script_runner.hpp>

namespace agi = costrix::agi;

asio::awaitable<void> answer(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
}

int main() {
    agi::ScriptRunner script;
    script.register_script_handler("start_up\\w*", answer);
    return script.run();
}
