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

}  // namespace

int main() try {
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
    return 0;
} catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
}
