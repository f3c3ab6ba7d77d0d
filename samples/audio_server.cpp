// SPDX-License-Identifier: MIT
// Shows: a server for the dialplan's AudioSocket(), without AGI. The caller hears what they say.
// Run: audio_server [PORT], then in the dialplan, after Answer(),
//     AudioSocket(40325ec2-5efd-4bd3-805f-53576e581d13,127.0.0.1:9092)
// or Dial(AudioSocket/127.0.0.1:9092/40325ec2-5efd-4bd3-805f-53576e581d13/c(slin16)). Expect: your
// own voice; with a UUID that ends in 0, a tone of 1 s.
#include <costrix/agi.hpp>

#include <cstdlib>
#include <iostream>

namespace agi = costrix::agi;

asio::awaitable<void> echo(agi::AudioLine& line, const agi::Uuid& uuid) {
    std::cout << uuid.to_string() << " connected" << std::endl;
    agi::AudioFrame frame;
    while (const auto* heard = co_await line.read(frame))
        line.write(heard->samples, heard->sample_rate);
}

asio::awaitable<void> tone(agi::AudioLine& line, const agi::Uuid&) {
    std::vector<std::int16_t> samples(8000);
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = i / 10 % 2 == 0 ? 5000 : -5000;  // 400 Hz
    co_await line.play(std::move(samples));
}

int main(int argc, char** argv) {
    const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 9092);
    agi::AudioServer server({.port = port, .handle_signals = true});
    server.register_audio_handler(std::nullopt, echo);
    server.register_audio_handler(".*0$", tone);
    std::cout << "listening on port " << server.port() << std::endl;
    server.run();
}
