// SPDX-License-Identifier: MIT
// Shows: EAGI, the caller's voice while a prompt plays: it is cut short when the caller speaks.
// Run: put it into Asterisk's agi-bin and call EAGI(voice_barge_in). Expect: CALLER_SPOKE is 1 or
// 0, LEVEL the loudest 20 ms in dB below the maximum.
#include <costrix/agi.hpp>

#include <algorithm>
#include <cmath>

namespace agi = costrix::agi;

constexpr double kVoice = -30;         // dB; a quiet line is at -60 or below
constexpr int kFramesOfVoice = 5;      // 100 ms of it, so that a click does not count
constexpr int kFramesToListen = 1000;  // 20 s

/// The mean power of a frame in dB, 0 for a square wave of the greatest amplitude.
double level(const agi::AudioFrame& frame) {
    double sum = 1;  // silence is not minus infinity
    for (const double sample : frame.samples)
        sum += sample * sample;
    const auto count = static_cast<double>(std::max<std::size_t>(frame.samples.size(), 1));
    return 10 * std::log10(sum / count / (32768.0 * 32768.0));
}

/// Listens until the caller speaks; false when nobody does, or the audio ends.
asio::awaitable<bool> voice(agi::AudioStream& audio, double& loudest) {
    int loud = 0;
    for (int n = 0; n < kFramesToListen; ++n) {
        const auto frame = co_await audio.read();
        if (!frame)
            break;
        const double now = level(*frame);
        loudest = std::max(loudest, now);
        loud = now > kVoice ? loud + 1 : 0;
        if (loud == kFramesOfVoice)
            co_return true;
    }
    co_return false;
}

asio::awaitable<void> barge_in(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    auto audio = co_await agi::open_audio(call);
    double loudest = -120;
    const auto prompt = agi::StreamFile("tt-monkeys");
    const auto heard = co_await call.execute_during(prompt, voice(audio, loudest));
    co_await call.execute(agi::SetVariable("CALLER_SPOKE", heard.value ? "1" : "0"));
    co_await call.execute(agi::SetVariable("LEVEL", std::to_string(std::lround(loudest))));
}

int main() {
    return agi::run_script(barge_in);
}
