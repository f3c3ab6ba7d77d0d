// SPDX-License-Identifier: MIT
// The smallest script: one command. What start_up compares with start_up_raw.c.
#include <costrix/agi/actions/channel.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/agi/script.hpp>

namespace agi = costrix::agi;

asio::awaitable<void> answer(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
}

int main() {
    return agi::run_script(answer);
}
