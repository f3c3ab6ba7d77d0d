// SPDX-License-Identifier: MIT
// Shows: a simulated Asterisk that calls a FastAGI server. Run: place_call PORT [PATH] [KEYS].
// Expect: the conversation, and exit status 0 when the script ended it in good order.
#include <costrix/testing/place_call.hpp>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iomanip>
#include <iostream>
#include <string>

namespace testing = costrix::testing;
using namespace std::chrono_literals;

void print(const testing::Event& event) {
    std::cout << std::fixed << std::setprecision(2) << std::setw(6)
              << std::chrono::duration<double>(event.time()).count() << " s  "
              << testing::describe(event) << std::endl;
}

asio::awaitable<void> call(std::uint16_t port, std::string path, std::string keys, int& status) {
    testing::Scenario scenario(path);
    scenario.caller_number("5551234").caller_name("Alice").any_sound(1200ms);
    scenario.press_during("vm-options", "7", 1500ms).press_during("vm-options", keys, 600ms);
    scenario.press_during("agent-pass", keys + "#", 300ms, 150ms);
    const auto asterisk = co_await testing::place_call(scenario, port, print);
    std::cout << "the call is over, AGISTATUS " << asterisk.agistatus() << std::endl;
    status = asterisk.agistatus() == "FAILURE" ? 1 : 0;
}

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: place_call PORT [PATH] [KEYS]\n";
        return 2;
    }
    int status = 1;
    asio::io_context context;
    const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    asio::co_spawn(
        context,
        call(port, argc > 2 ? argv[2] : "menu", argc > 3 ? argv[3] : "1", status),
        [](std::exception_ptr error) {
            if (error)
                std::rethrow_exception(error);
        }
    );
    try {
        context.run();
    } catch (const std::exception& error) {
        std::cerr << "place_call: " << error.what() << '\n';
    }
    return status;
}
