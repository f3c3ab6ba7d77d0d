// SPDX-License-Identifier: MIT
// AudioLine: the face of an AudioConnection.
#include "audio/audio_connection.hpp"
#include "audio/sample_rates.hpp"

#include <costrix/agi/audio_line.hpp>
#include <costrix/agi/sound.hpp>

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

using detail::AudioConnection;

asio::awaitable<std::optional<AudioFrame>> read_frame(std::shared_ptr<AudioConnection> line) {
    std::optional<AudioFrame> frame;
    const auto* const heard = co_await AudioConnection::read(std::move(line), frame.emplace());
    if (!heard)
        frame.reset();
    co_return frame;
}

/// Writes samples as there is room for them; false when the line ended, or was cleared, before all
/// were taken.
asio::awaitable<bool> write_all(
    std::shared_ptr<AudioConnection> line,
    detail::SoundChunk samples,
    unsigned rate,
    std::uint64_t clears
) {
    std::span<const std::int16_t> rest(*samples);
    while (line->open() && line->clears() == clears) {
        rest = rest.subspan(line->write(rest, rate));
        if (rest.empty())
            co_return true;
        co_await line->moved().wait();
    }
    co_return false;
}

asio::awaitable<bool> play_all(std::shared_ptr<AudioConnection> line, Sound sound) {
    const auto clears = line->clears();
    const auto rate = sound.sample_rate();
    auto samples = sound.samples();
    const bool made = !samples;
    do {
        if (made) {
            auto work = sound.next();
            auto chunk = co_await std::move(work);
            samples = std::make_shared<const std::vector<std::int16_t>>(std::move(chunk));
        }
        const bool written = co_await write_all(line, samples, rate, clears);
        if (!written)
            co_return false;
    } while (made && !samples->empty());
    if (line->clears() == clears)
        line->complete();
    while (line->open() && line->clears() == clears) {
        if (line->queued() == 0)
            co_return true;
        co_await line->moved().wait();
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
    return read_frame(connection_);
}

asio::awaitable<AudioFrame*> AudioLine::read(AudioFrame& frame) {
    return AudioConnection::read(connection_, frame);
}

asio::awaitable<std::optional<char>> AudioLine::next_key() {
    return AudioConnection::next_key(connection_);
}

std::size_t AudioLine::write(std::span<const std::int16_t> samples, unsigned sample_rate) {
    detail::check_sample_rate(sample_rate, all_rates_);
    return connection_->write(samples, sample_rate);
}

asio::awaitable<bool> AudioLine::play(std::vector<std::int16_t> samples, unsigned sample_rate) {
    return play(Sound(std::move(samples), sample_rate));
}

asio::awaitable<bool> AudioLine::play(Sound sound) {
    detail::check_sample_rate(sound.sample_rate(), all_rates_);
    return play_all(connection_, std::move(sound));
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
