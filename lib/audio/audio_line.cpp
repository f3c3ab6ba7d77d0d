// SPDX-License-Identifier: MIT
// AudioLine: the face of an AudioConnection.
#include "audio/audio_connection.hpp"

#include <costrix/agi/audio_line.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/agi/protocol/audio_message.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

using detail::AudioConnection;

void check_rate(unsigned sample_rate, bool all_rates) {
    if (std::find(kAudioRates.begin(), kAudioRates.end(), sample_rate) == kAudioRates.end())
        throw AGIUsageError(
            "audio at " + std::to_string(sample_rate) +
            " Hz: Asterisk takes 8000, 12000, 16000, 24000, 32000, 44100, 48000, 96000 and 192000"
        );
    if (!all_rates && sample_rate != kAudioRates.front())
        throw AGIUsageError(
            "audio at " + std::to_string(sample_rate) +
            " Hz: this Asterisk takes 8000 only; 20.17, 21.12, 22.7 and 23.1 take other rates"
        );
}

asio::awaitable<bool>
play_all(std::shared_ptr<AudioConnection> line, std::vector<std::int16_t> samples, unsigned rate) {
    const auto clears = line->clears();
    std::span<const std::int16_t> rest(samples);
    while (line->open() && line->clears() == clears) {
        rest = rest.subspan(line->write(rest, rate));
        if (rest.empty() && line->queued() == 0)
            co_return true;
        co_await AudioConnection::wait(line->moved());
    }
    co_return false;
}

}  // namespace

AudioLine::AudioLine(std::shared_ptr<AudioConnection> connection, bool all_rates) noexcept
    : connection_(std::move(connection)), all_rates_(all_rates) {}

AudioLine::~AudioLine() {
    connection_->end();
}

asio::awaitable<std::optional<AudioFrame>> AudioLine::read() {
    return AudioConnection::read(connection_);
}

asio::awaitable<std::optional<char>> AudioLine::next_key() {
    return AudioConnection::next_key(connection_);
}

std::size_t AudioLine::write(std::span<const std::int16_t> samples, unsigned sample_rate) {
    check_rate(sample_rate, all_rates_);
    return connection_->write(samples, sample_rate);
}

asio::awaitable<bool> AudioLine::play(std::vector<std::int16_t> samples, unsigned sample_rate) {
    check_rate(sample_rate, all_rates_);
    return play_all(connection_, std::move(samples), sample_rate);
}

std::size_t AudioLine::clear() noexcept {
    return connection_->clear();
}

std::uint64_t AudioLine::heard() const noexcept {
    return connection_->heard();
}

std::uint64_t AudioLine::written() const noexcept {
    return connection_->heard() + connection_->queued();
}

asio::awaitable<bool> AudioLine::drained() {
    return AudioConnection::drained(connection_);
}

void AudioLine::end() noexcept {
    connection_->end();
}

bool AudioLine::ended() const noexcept {
    return !connection_->open();
}

AudioLineCounters AudioLine::counters() const noexcept {
    return connection_->counters();
}

}  // namespace costrix::inline COSTRIX_ABI::agi
