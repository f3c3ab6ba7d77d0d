// SPDX-License-Identifier: MIT
// AudioStream: the caller's audio while commands run.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/agi/audio_frame.hpp>
#include <costrix/agi/audio_line.hpp>
#include <costrix/agi/audio_options.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace costrix::inline COSTRIX_ABI::agi {

namespace detail {
class AudioSource;
}

/// The caller's audio, whether or not commands run.
///
/// Frames are read whenever the event loop runs, and buffered; when the buffer is full the oldest
/// are dropped. The destructor ends the stream.
/// Lifetime: at most as long as the handler. Thread safety: none; as its AGI.
class AudioStream {
public:
    /// An ended stream without audio, to be assigned to.
    AudioStream() noexcept = default;
    /// For open_audio().
    explicit AudioStream(const std::shared_ptr<detail::AudioSource>& source);
    AudioStream(AudioStream&&) noexcept = default;
    AudioStream& operator=(AudioStream&&) noexcept = default;

    /// Waits for the next frame; nullopt when the audio has ended: by a hangup, by close(), or
    /// before an application connects the caller with others (AudioOptions::while_connected).
    ///
    /// No frame comes from a phone that suppresses silence: do not count frames to tell the time.
    /// With AGISIGHUP=no Asterisk does not report a hangup, and no frame comes either.
    /// Cancellation: all types; throws asio::error::operation_aborted. No audio is lost.
    [[nodiscard]] asio::awaitable<std::optional<AudioFrame>> read();
    /// The same into a frame of yours. Returns `&frame`, or null when the audio has ended; `frame`
    /// must live until then.
    [[nodiscard]] asio::awaitable<AudioFrame*> read(AudioFrame& frame);

    /// To speak to the caller while commands run and in between.
    ///
    /// Its read() takes frames from this stream; its next_key() has none, since keys go to the
    /// commands. Up to 60 ms of what has gone (AudioLine::heard) are still with Asterisk.
    /// Throws AGIUsageError unless the stream was opened with AudioOptions::speak().
    AudioLine& line() const;

    const AudioFormat& format() const noexcept;  ///< The format of the audio that Asterisk sends.
    /// How often audio was lost since the stream began: once for each frame that was dropped from
    /// the buffer; under EAGI also once for each time the pipe was full, in which case Asterisk
    /// drops audio.
    std::uint64_t overruns() const noexcept;
    /// Ends the stream: read() returns what is buffered, then nullopt.
    void close() noexcept;

private:
    std::shared_ptr<detail::AudioSource> source_;  // its deleter closes it; a read() owns it too
};

/// Opens the audio of a call, which goes on while commands run.
///
/// Under EAGI, this is descriptor 3, in the format of the channel variable EAGI_AUDIO_FORMAT. It
/// may be opened once. Asterisk writes audio while no command runs and during most commands, but
/// not during EXEC, whose application reads it. The pipe holds another 3.8 s at 8 kHz, for a
/// handler that blocks.
///
/// Otherwise, and under EAGI to speak, Asterisk connects to this process, as for talk(): sends EXEC
/// Originate, which runs ChanSpy on the call's channel. Needs Asterisk 18 or later with
/// app_originate, app_chanspy, chan_audiosocket and res_audiosocket; to speak, app_playtones. What
/// the caller says comes at 8 kHz, or at AudioOptions::rate, without our own prompts in it, during
/// EXEC too. One such stream can be open at a time. It ends on the hangup, at the end of the
/// handler, and before EXEC of an application that connects the caller with others, so that nobody
/// is overheard unawares.
///
/// To speak (AudioOptions::speak), Asterisk plays silence to the caller in between: after each
/// prompt and application, EXEC PlayTones is sent; before an application, StopPlayTones. What is
/// said while GET DATA waits behind its prompt is not heard.
/// Throws AGIUsageError for a rate that AudioFormat or this Asterisk does not have; AGIAppError
/// when Asterisk did not connect or lacks an application, the audio is open already, or the format
/// is not one of AudioFormat's; AGITimeout when Asterisk did not connect in time; and what
/// execute() throws.
/// Cancellation: all types; throws asio::error::operation_aborted. The session stays in step.
[[nodiscard]] asio::awaitable<AudioStream>
open_audio(AGI& call, const AudioOptions& options = AudioOptions());
/// The same with AudioOptions().buffer(buffer).
[[nodiscard]] asio::awaitable<AudioStream> open_audio(AGI& call, std::chrono::milliseconds buffer);

}  // namespace costrix::inline COSTRIX_ABI::agi
