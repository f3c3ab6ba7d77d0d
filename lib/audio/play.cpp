// SPDX-License-Identifier: MIT
// Sound, and play(): a talk that says it.
#include "audio/sample_rates.hpp"

#include <costrix/agi/concurrency.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/play.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/agi/talk.hpp>

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

/// Waits for one of the keys; nullopt when the line has ended.
asio::awaitable<std::optional<char>> stop_key(AudioLine& line, const std::string& keys) {
    while (const auto key = co_await line.next_key()) {
        if (keys.find(*key) != std::string::npos)
            co_return key;
    }
    co_return std::nullopt;
}

/// The end of the line stops the sound's source too.
asio::awaitable<PlayedSound> play_on(AudioLine& line, const Sound& sound, const std::string& keys) {
    auto saying = line.play(sound);
    auto key = stop_key(line, keys);
    const auto first = co_await race(std::move(saying), std::move(key));
    PlayedSound result;
    if (first.index() == 1)
        result.key = std::get<1>(first);
    result.samples = line.heard();
    co_return result;
}

}  // namespace

detail::SourceUse::SourceUse(std::atomic<bool>& busy) : busy_(busy) {
    if (busy_.exchange(true))
        throw AGIUsageError("a copy of this sound is being played, and they share what makes it");
}

Sound::Sound(std::vector<std::int16_t> samples, unsigned sample_rate)
    : samples_(std::make_shared<const std::vector<std::int16_t>>(std::move(samples))),
      sample_rate_(sample_rate) {
    detail::check_sample_rate(sample_rate);
}

Sound::Sound(Next next, unsigned sample_rate, std::nullptr_t)
    : next_(std::move(next)), sample_rate_(sample_rate) {
    detail::check_sample_rate(sample_rate);
}

asio::awaitable<PlayedSound> Sound::operator()(AGI& call, std::string stop_keys) const {
    return play(call, *this, std::move(stop_keys));
}

asio::awaitable<PlayedSound>
play(AGI& call, Sound sound, std::string stop_keys, AudioOptions options) {
    const bool all_rates = takes_all_audio_rates(call.environment().version());
    detail::check_sample_rate(sound.sample_rate(), all_rates);
    auto say = [&sound, &stop_keys](AudioLine& line) { return play_on(line, sound, stop_keys); };
    auto conversation = talk(call, say, options);
    co_return co_await std::move(conversation);
}

}  // namespace costrix::inline COSTRIX_ABI::agi
