// SPDX-License-Identifier: MIT
// Shows: the caller's voice while a prompt plays, which is cut short when the caller speaks; one
// handler for FastAGI and EAGI. Run: voice_barge_in PORT, then call agi://127.0.0.1:PORT/menu; or
// put it into Asterisk's agi-bin and call EAGI(voice_barge_in). Expect: CALLER_SPOKE is 1 or 0,
// LEVEL the loudest 20 ms in dB below the maximum.
#include <costrix/agi.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>

namespace agi = costrix::agi;

constexpr double kVoice = -30;     // dB; a quiet line is at -60 or below
constexpr int kFramesOfVoice = 5;  // 100 ms of it, so that a click does not count
constexpr auto kTimeToSpeak = std::chrono::seconds(20);

/// The mean power of a frame in dB, 0 for a square wave of the greatest amplitude.
double level(const agi::AudioFrame& frame) {
    double sum = 1;  // silence is not minus infinity
    for (const double sample : frame.samples)
        sum += sample * sample;
    const auto count = static_cast<double>(std::max<std::size_t>(frame.samples.size(), 1));
    return 10 * std::log10(sum / count / (32768.0 * 32768.0));
}

/// Listens until the caller speaks; false when the audio ends before that.
asio::awaitable<bool> voice(agi::AudioStream& audio, double& loudest) {
    for (int loud = 0; loud < kFramesOfVoice;) {
        const auto frame = co_await audio.read();
        if (!frame)
            co_return false;
        const double now = level(*frame);
        loudest = std::max(loudest, now);
        loud = now > kVoice ? loud + 1 : 0;
    }
    co_return true;
}

/// The same, for a while: a phone that suppresses silence sends no frame at all.
asio::awaitable<bool> first_word(agi::AGI& call, agi::AudioStream& audio, double& loudest) {
    const auto first = co_await agi::race(voice(audio, loudest), call.sleep_for(kTimeToSpeak));
    co_return first.index() == 0 && std::get<0>(first);
}

asio::awaitable<void> barge_in(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    auto audio = co_await agi::open_audio(call);
    double loudest = -120;
    const auto prompt = agi::StreamFile("tt-monkeys");
    const auto heard = co_await call.execute_during(prompt, first_word(call, audio, loudest));
    co_await call.execute(agi::SetVariable("CALLER_SPOKE", heard.value ? "1" : "0"));
    co_await call.execute(agi::SetVariable("LEVEL", std::to_string(std::lround(loudest))));
}

int main(int argc, char** argv) {
    if (argc < 2)
        return agi::run_script(barge_in);
    const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
    return agi::run_server({.port = port}, [](agi::FastAGIServer& server) {
        server.register_script_handler("menu", barge_in);
        std::cout << "listening on port " << server.port() << std::endl;
    });
}
