// SPDX-License-Identifier: MIT
// Shows: sound from the program's memory, alone and in a question; no file lies on Asterisk's disk.
// Run: play_sound [PORT], then call agi://127.0.0.1:4573/tones. Expect: three rising tones, then a
// low one, which a key cuts short; CHOICE is that key, HEARD how many ms of the tones were heard.
#include <costrix/agi.hpp>

#include <cmath>
#include <cstdlib>
#include <iostream>

namespace agi = costrix::agi;
using namespace std::chrono_literals;

constexpr unsigned kRate = 16000;

std::vector<std::int16_t> tone(double hertz, std::chrono::milliseconds length) {
    std::vector<std::int16_t> samples(static_cast<std::size_t>(length.count()) * kRate / 1000);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double time = static_cast<double>(i) / kRate;
        samples[i] = static_cast<std::int16_t>(8000 * std::sin(2 * 3.14159265 * hertz * time));
    }
    return samples;
}

/// Makes tones one after the other, as a speech model would make words.
class Scale {
public:
    std::vector<std::int16_t> operator()() {
        if (tones_ == 3)
            return {};
        return tone(440.0 * (2 + tones_++) / 2, 300ms);
    }

private:
    int tones_ = 0;
};

asio::awaitable<void> tones(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    const agi::Sound scale(Scale(), kRate);
    const auto played = co_await agi::play(call, scale, "#");
    co_await call.execute(agi::SetVariable("HEARD", std::to_string(played.samples * 1000 / kRate)));

    const agi::Sound low(tone(220, 3s), kRate);
    agi::Ask choice({low, "beep"});
    choice.digits(1).attempts(2);
    const auto asked = co_await choice.run(call);
    co_await call.execute(agi::SetVariable("CHOICE", asked.digits));
}

int main(int argc, char** argv) {
    const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 4573);
    return agi::run_server({.port = port}, [](agi::FastAGIServer& server) {
        server.register_script_handler("tones", tones);
        std::cout << "listening on port " << server.port() << std::endl;
    });
}
