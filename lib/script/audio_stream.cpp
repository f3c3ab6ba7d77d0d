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

asio::awaitable<AudioFrame*> nothing() {
    co_return nullptr;
}

asio::awaitable<std::optional<AudioFrame>> read_frame(std::shared_ptr<AudioSource> source) {
    std::optional<AudioFrame> frame;
    if (!source)
        co_return frame;
    const auto* const heard = co_await AudioSource::read(std::move(source), frame.emplace());
    if (!heard)
        frame.reset();
    co_return frame;
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
    return read_frame(source_ ? source_->shared_from_this() : nullptr);
}

asio::awaitable<AudioFrame*> AudioStream::read(AudioFrame& frame) {
    return source_ ? AudioSource::read(source_->shared_from_this(), frame) : nothing();
}

asio::awaitable<AudioStream> open_audio(AGI& call, const AudioOptions& options) {
    return open(call, options);
}

asio::awaitable<AudioStream> open_audio(AGI& call, std::chrono::milliseconds buffer) {
    return open(call, AudioOptions().buffer(buffer));
}

}  // namespace costrix::inline COSTRIX_ABI::agi
