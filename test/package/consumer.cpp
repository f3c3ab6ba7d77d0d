// SPDX-License-Identifier: MIT
// A project of somebody else's that uses both libraries.
#include <costrix/agi.hpp>
#include <costrix/testing/conversation.hpp>
#include <costrix/testing/fake_asterisk.hpp>

#include <iostream>

namespace agi = costrix::agi;

asio::awaitable<void> answer(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
}

int main() {
    const agi::FastAGIServer server({.port = 0});
    costrix::testing::FakeAsterisk asterisk((costrix::testing::Scenario("x")));
    costrix::testing::Conversation call;
    call.expect("ANSWER").reply("200 result=0").run(answer);
    std::cout << agi::to_string(agi::Answer()) << ' ' << asterisk.environment().size() << '\n';
    return server.port() == 0 ? 1 : 0;
}
