// SPDX-License-Identifier: MIT
// Shows: two-way audio. The caller hears what they say; the key # ends it, and the call goes on.
// Run: echo_audio [PORT], then call agi://127.0.0.1:4573/echo. Expect: your own voice, then
// "goodbye", and in the channel variable SECONDS how long you have spoken.
#include <costrix/agi.hpp>

#include <cstdlib>
#include <iostream>

namespace agi = costrix::agi;

asio::awaitable<void> repeat(agi::AudioLine& line, std::size_t& samples) {
    agi::AudioFrame frame;
    while (const auto* heard = co_await line.read(frame)) {
        samples += heard->samples.size();
        line.write(heard->samples);
    }
}

asio::awaitable<void> until_pound(agi::AudioLine& line) {
    while (const auto key = co_await line.next_key()) {
        if (key == '#')
            break;
    }
    line.clear();
}

asio::awaitable<void> echo(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    std::size_t samples = 0;
    auto conversation = [&samples](agi::AudioLine& line) -> asio::awaitable<void> {
        co_await agi::race(repeat(line, samples), until_pound(line));
    };
    co_await agi::talk(call, conversation);
    co_await call.execute(agi::SetVariable("SECONDS", std::to_string(samples / 8000)));
    co_await call.execute(agi::StreamFile("vm-goodbye"));
}

int main(int argc, char** argv) {
    const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 4573);
    return agi::run_server({.port = port}, [](agi::FastAGIServer& server) {
        server.register_script_handler("echo", echo);
        std::cout << "listening on port " << server.port() << std::endl;
    });
}
