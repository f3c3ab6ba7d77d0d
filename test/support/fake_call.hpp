// SPDX-License-Identifier: MIT
// A call of the simulated Asterisk that is up, and what a script says to it.
#pragma once

#include <costrix/testing/fake_asterisk.hpp>

#include <string>
#include <string_view>

namespace costrix::test {

/// A call that is up, its environment block taken.
inline testing::FakeAsterisk up(testing::Scenario scenario = testing::Scenario("test")) {
    testing::FakeAsterisk fake(scenario.answered());
    static_cast<void>(fake.take_output());
    return fake;
}

/// What has come once a command has been sent.
inline std::string say(testing::FakeAsterisk& fake, std::string_view command) {
    fake.receive(std::string(command) + "\n");
    return fake.take_output();
}

/// The reply to a command, however long it takes.
inline std::string ask(testing::FakeAsterisk& fake, std::string_view command) {
    fake.receive(std::string(command) + "\n");
    while (fake.busy() && fake.advance_to_next_event()) {
    }
    return fake.take_output();
}

}  // namespace costrix::test
