// SPDX-License-Identifier: MIT
// AudioStream: the caller's audio in an EAGI script, on descriptor 3.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/agi/audio_frame.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace costrix::inline COSTRIX_ABI::agi {

/// The caller's audio in frames, whether or not commands run.
///
/// Frames are read whenever the handler awaits anything, and buffered; when the buffer is full the
/// oldest are dropped. Asterisk writes audio while no command runs and during most commands, but
/// not during EXEC, whose application reads the audio itself. The destructor ends the stream.
/// Lifetime: at most as long as the handler. Thread safety: none; as its AGI.
class AudioStream {
public:
    /// An ended stream without audio, to be assigned to.
    AudioStream() noexcept = default;
    AudioStream(AudioStream&&) noexcept = default;
    AudioStream& operator=(AudioStream&&) noexcept = default;

    /// Waits for the next frame; nullopt when the audio has ended, by a hangup or close().
    ///
    /// With AGISIGHUP=no Asterisk does not report a hangup, and no frame comes either.
    /// Cancellation: all types; throws asio::error::operation_aborted. No audio is lost.
    [[nodiscard]] asio::awaitable<std::optional<AudioFrame>> read();

    const AudioFormat& format() const noexcept;  ///< The format of the audio that Asterisk sends.
    /// How often audio was lost since the stream began: once for each frame that was dropped from
    /// the buffer, and once for each time the pipe was full, in which case Asterisk drops audio.
    std::uint64_t overruns() const noexcept;
    /// Ends the stream: read() returns what is buffered, then nullopt.
    void close() noexcept;

private:
    friend asio::awaitable<AudioStream> open_audio(AGI& call, std::chrono::milliseconds buffer);
    struct Reader;
    explicit AudioStream(const std::shared_ptr<Reader>& reader);
    static asio::awaitable<std::optional<AudioFrame>> next(std::shared_ptr<Reader> reader);

    std::shared_ptr<Reader> reader_;  // its deleter ends the stream; a pending read() owns it too
};

/// Opens the audio of an EAGI call. May be called once.
///
/// Reads the channel variable EAGI_AUDIO_FORMAT, which the dialplan may have set, for the format.
/// `buffer` is how much audio is kept while the handler is busy. The pipe holds another 3.8 s at
/// 8 kHz, for a handler that blocks.
/// Throws AGIAppError when the script was not started by EAGI(), the audio was opened before, or
/// the format is not one of AudioFormat's; and what execute() throws.
[[nodiscard]] asio::awaitable<AudioStream>
open_audio(AGI& call, std::chrono::milliseconds buffer = std::chrono::seconds(5));

}  // namespace costrix::inline COSTRIX_ABI::agi
