// SPDX-License-Identifier: MIT
// A project of somebody else's that uses both libraries.
#include <costrix/agi.hpp>
#include <costrix/testing/fake_asterisk.hpp>

#include <iostream>

namespace agi = costrix::agi;

int main() {
    const agi::FastAGIServer server({.port = 0});
    costrix::testing::FakeAsterisk asterisk((costrix::testing::Scenario("x")));
    std::cout << agi::to_string(agi::Answer()) << ' ' << asterisk.environment().size() << '\n';
    return server.port() == 0 ? 1 : 0;
}
