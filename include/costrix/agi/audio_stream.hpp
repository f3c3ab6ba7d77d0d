// SPDX-License-Identifier: MIT
// AudioStream: the caller's audio in an EAGI script, on descriptor 3.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/agi.hpp>

#include <asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace costrix::agi {

/// How audio is coded: signed linear, 16 bits a sample, one channel, the host's byte order.
class AudioFormat {
public:
    /// 8 kHz, which is what EAGI has by itself.
    AudioFormat() noexcept = default;
    /// By Asterisk's name: slin, slin12, slin16, slin24, slin32, slin44, slin48, slin96, slin192.
    ///
    /// Throws std::invalid_argument for any other.
    explicit AudioFormat(std::string_view name);

    /// Samples a second.
    unsigned sample_rate() const noexcept { return sample_rate_; }
    /// Samples in a frame of 20 ms.
    std::size_t frame_samples() const noexcept { return sample_rate_ / 50; }

private:
    unsigned sample_rate_ = 8000;
};

/// 20 ms of audio; less at the very end.
struct AudioFrame {
    std::vector<std::int16_t> samples;
    /// Samples between the frame before and this one that were dropped, since nobody read them.
    std::uint64_t lost = 0;
};

/// The caller's audio, in frames, while commands run or not.
///
/// Frames are taken in whenever the handler awaits anything, and wait in a buffer; when it is full
/// the oldest are dropped. Asterisk writes audio while nothing runs, and during most commands, but
/// not during EXEC, whose application reads it itself.
/// Lifetime: at most as long as the handler. Thread safety: none; as its AGI.
class AudioStream {
public:
    /// No audio: an ended stream, to be assigned to.
    AudioStream() noexcept = default;
    AudioStream(AudioStream&&) noexcept;
    AudioStream& operator=(AudioStream&&) noexcept;
    /// Ends the stream.
    ~AudioStream();

    /// Awaits the next frame; nothing when the audio has ended: the caller is gone, or close().
    ///
    /// With AGISIGHUP=no Asterisk does not tell of a hangup, and no frame comes either.
    /// Cancellation: all types; throws asio::error::operation_aborted, and no audio is lost.
    [[nodiscard]] asio::awaitable<std::optional<AudioFrame>> read();

    const AudioFormat& format() const noexcept;
    /// How often audio was lost since the stream began: once for each frame that was dropped from
    /// the buffer, and once each time that the pipe was found full, when Asterisk drops audio.
    std::uint64_t overruns() const noexcept;
    /// Ends the stream: read() gives what the buffer has, and then nothing.
    void close() noexcept;

private:
    friend asio::awaitable<AudioStream> open_audio(AGI& call, std::chrono::milliseconds buffer);
    struct Reader;
    explicit AudioStream(std::shared_ptr<Reader> reader) noexcept;
    static asio::awaitable<std::optional<AudioFrame>> next(std::shared_ptr<Reader> reader);

    std::shared_ptr<Reader> reader_;
};

/// Opens the audio of an EAGI call, once.
///
/// Asks the channel for EAGI_AUDIO_FORMAT, which the dialplan may have set, to know the format.
/// `buffer` is how much audio is kept for a handler that is busy; beside it, the pipe holds 3.8 s
/// at 8 kHz, for a handler that blocks.
/// Throws: AGIAppError, when this is no EAGI, the audio was opened before, or the format is none
/// of AudioFormat's; and what execute() throws.
[[nodiscard]] asio::awaitable<AudioStream>
open_audio(AGI& call, std::chrono::milliseconds buffer = std::chrono::seconds(5));

}  // namespace costrix::agi
