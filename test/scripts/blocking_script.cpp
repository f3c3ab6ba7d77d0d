// SPDX-License-Identifier: MIT
// A classic AGI script for the tests: all that BlockingAGI can do, in turn.
#include <costrix/agi.hpp>

#include <unistd.h>

#include <iostream>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

namespace {

asio::awaitable<std::string> both(agi::AGI& call) {
    const auto first = co_await call.execute(agi::GetVariable("A"));
    const auto second = co_await call.execute(agi::GetVariable("B"));
    co_return first.value_or("") + second.value_or("");
}

/// Goes on long after the hangup: the session has ended itself by then.
void late() {
    agi::ScriptOptions options;
    options.after_hangup_timeout = 20ms;
    agi::BlockingAGI call(options);
    call.allow_after_hangup();
    std::cout << "begun" << std::endl;
    while (!call.hung_up())
        ::usleep(10000);
    for (int i = 0; i < 3; ++i) {
        ::usleep(50000);
        try {
            call.execute(agi::Noop());
        } catch (const agi::AGIException&) {
            std::cout << "over" << std::endl;
        }
    }
}

void all() {
    agi::BlockingAGI call(true);
    std::cout << call.send("ODD COMMAND").text() << std::endl;
    try {
        call.execute(agi::StreamFile("tt-monkeys"), 50ms);
    } catch (const agi::AGITimeout&) {
        std::cout << "timed out" << std::endl;
    }
    std::cout << call.wait(both(call.async())) << std::endl;
    call.allow_after_hangup();
    for (int n = 0; n < 1000 && !call.hung_up(); ++n)
        ::usleep(10000);  // busy with something else
    std::cout << "hung up: " << call.hung_up() << std::endl;
    call.execute(agi::SetVariable("C", "d"));
    try {
        call.execute(agi::Answer());
    } catch (const agi::AGIDeadChannelError&) {
        std::cout << "dead" << std::endl;
    }
}

}  // namespace

int main(int argc, char**) try {
    argc > 1 ? late() : all();
    return 0;
} catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
}
