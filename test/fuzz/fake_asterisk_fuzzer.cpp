// SPDX-License-Identifier: MIT
// The simulated Asterisk: any bytes from a script, at any chunking, with a caller who does things.
#include "fuzz/input.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <string>

using costrix::fuzz::Input;
using costrix::fuzz::require;
using costrix::testing::FakeAsterisk;
using costrix::testing::Scenario;
using namespace std::chrono_literals;

namespace {

Scenario scenario(Input& input) {
    Scenario made("fuzz");
    made.any_sound(1s).variable("NAME", "Alice").database("family", "key", "value");
    made.command_limit(2046).talks_for(2s).send_text_when_asked("hello");
    if (input.flag())
        made.classic();
    if (input.flag())
        made.dead();
    if (input.flag())
        made.exit_on_hangup();
    if (input.flag())
        made.speech_engine().says("yes");
    return made;
}

void act(FakeAsterisk& asterisk, Input& input) {
    switch (input.number(7)) {
    default:
        asterisk.receive(input.text(1 + input.number(63)));
        break;
    case 3:
        asterisk.receive(std::string(input.line()) + "\n");
        break;
    case 4:
        asterisk.advance_to_next_event();
        break;
    case 5:
        asterisk.press("0123456789*#ABCD"[input.number(15)]);
        break;
    case 6:
        asterisk.send_text(input.text(input.number(20)));
        break;
    case 7:
        if (input.number(7) == 0)
            asterisk.hang_up();
        break;
    }
}

void run_on(FakeAsterisk& asterisk) {
    for (int i = 0; i < 10000 && !asterisk.closed(); ++i) {
        if (!asterisk.advance_to_next_event())
            break;
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    FakeAsterisk asterisk(scenario(input));
    require(asterisk.take_output().ends_with("\n\n"), "a session begins with its environment");
    for (int step = 0; step < 500 && !input.empty(); ++step) {
        act(asterisk, input);
        const auto output = asterisk.take_output();
        require(output.empty() || output.back() == '\n', "Asterisk writes whole lines");
    }
    asterisk.script_closed();
    asterisk.script_exited(0);
    run_on(asterisk);
    if (asterisk.busy()) {  // a prompt that the caller has paused, or wound back again and again
        asterisk.hang_up();
        run_on(asterisk);
    }
    require(asterisk.closed(), "a session ends when its script and its caller are gone");
    bool crashed = false;
    for (const auto& event : asterisk.events()) {
        require(!describe(event).empty(), "every event can be described");
        crashed = crashed || event.kind() == costrix::testing::EventKind::crash;
    }
    require(crashed == asterisk.agistatus().empty(), "a session that is over has a status");
    return 0;
}
