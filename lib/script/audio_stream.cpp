// SPDX-License-Identifier: MIT
// open_audio(), and AudioStream, the face of an AudioSource.
#include "audio/audio_source.hpp"
#include "audio/audio_tap.hpp"
#include "script/eagi_audio.hpp"

#include <costrix/agi/audio_stream.hpp>
#include <costrix/agi/exceptions.hpp>

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

using detail::AudioSource;

asio::awaitable<std::optional<AudioFrame>> nothing() {
    co_return std::nullopt;
}

asio::awaitable<AudioStream> open(AGI& call, AudioOptions options) {
    std::shared_ptr<AudioSource> source;
    if (call.environment().enhanced() && !options.speak())
        source = co_await detail::open_eagi_audio(call, options.buffer());
    else
        source = co_await detail::open_tap(call, std::move(options));
    co_return AudioStream(source);
}

}  // namespace

AudioStream::AudioStream(const std::shared_ptr<AudioSource>& source)
    : source_(source.get(), [source](AudioSource*) { source->close(); }) {}

const AudioFormat& AudioStream::format() const noexcept {
    static const AudioFormat none;
    return source_ ? source_->format() : none;
}

std::uint64_t AudioStream::overruns() const noexcept {
    return source_ ? source_->overruns() : 0;
}

void AudioStream::close() noexcept {
    if (source_)
        source_->close();
}

AudioLine& AudioStream::line() const {
    auto* const line = source_ ? source_->line() : nullptr;
    if (!line)
        throw AGIUsageError("this audio was not opened to speak: see AudioOptions::speak()");
    return *line;
}

asio::awaitable<std::optional<AudioFrame>> AudioStream::read() {
    return source_ ? AudioSource::read(source_->shared_from_this()) : nothing();
}

asio::awaitable<AudioStream> open_audio(AGI& call, const AudioOptions& options) {
    return open(call, options);
}

asio::awaitable<AudioStream> open_audio(AGI& call, std::chrono::milliseconds buffer) {
    return open(call, AudioOptions().buffer(buffer));
}

}  // namespace costrix::inline COSTRIX_ABI::agi
