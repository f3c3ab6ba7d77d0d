// SPDX-License-Identifier: MIT
// Calls that talk, and what is heard in them.
#pragma once

#include <costrix/agi.hpp>
#include <costrix/asio.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace costrix::test {

/// Louder than what a line adds to silence.
inline bool is_loud(const agi::AudioFrame& frame) {
    return std::any_of(frame.samples.begin(), frame.samples.end(), [](std::int16_t sample) {
        return std::abs(sample) > 1000;
    });
}

/// How many frames come until one is loud; nothing if the audio ends before that.
inline asio::awaitable<std::optional<int>> frames_until_loud(agi::AudioStream& audio) {
    for (int frames = 1;; ++frames) {
        const auto frame = co_await audio.read();
        if (!frame)
            co_return std::nullopt;
        if (is_loud(*frame))
            co_return frames;
    }
}

/// Says what it hears, until the line ends.
inline asio::awaitable<void> echo(agi::AudioLine& line) {
    while (const auto frame = co_await line.read())
        line.write(frame->samples);
}

/// Answers, talks with this handler, and sets AFTERWARDS.
template <class Handler>
auto talks(Handler handler) {
    return [handler](agi::AGI& call, const agi::Request&) -> asio::awaitable<void> {
        co_await call.execute(agi::Answer());
        co_await agi::talk(call, handler);
        co_await call.execute(agi::SetVariable("AFTERWARDS", "yes"));
    };
}

/// Notes what an observer is told of a call's audio.
class AudioNotes final : public agi::CallObserver {
public:
    explicit AudioNotes(std::vector<std::string>& events) : told_(events) {}
    void on_audio_open() override { told_.emplace_back("open"); }
    void on_audio_closed(const agi::AudioLineCounters& counters) override {
        told_.push_back("closed, unknown: " + std::to_string(counters.unknown_messages));
    }

private:
    std::vector<std::string>& told_;
};

}  // namespace costrix::test
