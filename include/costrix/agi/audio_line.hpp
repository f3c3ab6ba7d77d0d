// SPDX-License-Identifier: MIT
// AudioLine: a call's audio in both directions.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/audio_frame.hpp>
#include <costrix/agi/sound.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

namespace detail {
class AudioConnection;
}

/// How a line fared.
struct AudioLineCounters {
    /// Samples of the caller's that were dropped because the handler did not read them in time.
    std::uint64_t lost_samples = 0;
    /// Messages of 20 ms that were not sent in their time: this thread was busy for more than
    /// 60 ms, or Asterisk did not read. What was to be said is said later.
    std::uint64_t skipped_messages = 0;
    /// How late a message was sent at most.
    std::chrono::nanoseconds max_lateness{};
    /// Messages of kinds that this version does not know.
    std::uint64_t unknown_messages = 0;
};

/// A call's audio in both directions: hears the caller, and speaks to them.
///
/// The caller's audio is signed linear at 8 kHz (AudioServer: AudioFrame::sample_rate), and is
/// received whenever the event loop runs. What is written goes to Asterisk in messages of 20 ms,
/// one every 20 ms, and silence when there is nothing to say.
///
/// Lifetime: until the handler that was given it returns; operations pending then end as at the end
/// of the line. Thread safety: none; use it on the call's executor, where the handler runs.
class AudioLine {
public:
    /// For talk().
    AudioLine(std::shared_ptr<detail::AudioConnection> connection, bool all_rates) noexcept;
    AudioLine(const AudioLine&) = delete;
    AudioLine& operator=(const AudioLine&) = delete;
    /// Ends the line.
    ~AudioLine();

    /// Waits for the caller's next audio; nullopt when the line has ended.
    ///
    /// Frames have any length, usually 20 or 30 ms. None comes while a key is held, nor from a
    /// phone that suppresses silence: do not count frames to tell the time.
    /// Cancellation: all types; throws asio::error::operation_aborted. No audio is lost.
    [[nodiscard]] asio::awaitable<std::optional<AudioFrame>> read();
    /// The same into a frame of yours, whose memory is used again, so that nothing is allocated.
    /// Returns `&frame`, or null when the line has ended; `frame` must live until then.
    [[nodiscard]] asio::awaitable<AudioFrame*> read(AudioFrame& frame);

    /// Waits for the next key; nullopt when the line has ended. 256 are kept.
    ///
    /// Needs Asterisk 20.14, 21.9, 22.4 or later: older ones do not report keys here.
    /// Cancellation: all types; throws asio::error::operation_aborted. No key is lost.
    [[nodiscard]] asio::awaitable<std::optional<char>> next_key();

    /// Queues samples, to be sent in time, and returns how many were taken.
    ///
    /// Fewer than all if the buffer is full (5 s, AudioOptions::buffer), none when the line has
    /// ended; play() waits instead. `sample_rate` may change with each call: 8000, 12000, 16000,
    /// 24000, 32000, 44100, 48000, 96000 or 192000 Hz; Asterisk resamples. A sound that does not
    /// fill its last 20 ms is followed by silence.
    /// Throws AGIUsageError for any other rate, and for one that this Asterisk does not take:
    /// before 20.17, 21.12, 22.7 and 23.1 there is 8 kHz only.
    std::size_t write(std::span<const std::int16_t> samples, unsigned sample_rate = 8000);

    /// Writes all the samples and waits until they have gone to Asterisk.
    ///
    /// False when the line ended, or clear() was called, before that.
    /// Throws: as write(). Cancellation: all types; throws asio::error::operation_aborted, and what
    /// was queued is still said unless you clear() it.
    [[nodiscard]] asio::awaitable<bool>
    play(std::vector<std::int16_t> samples, unsigned sample_rate = 8000);
    /// The same with a sound, perhaps one that is made meanwhile; throws what its source throws.
    [[nodiscard]] asio::awaitable<bool> play(Sound sound);

    /// Drops what has not gone to Asterisk, and returns how many samples that were.
    ///
    /// The caller hears nothing more of it but what is in the phone's own buffer.
    std::size_t clear() noexcept;

    /// How many of the samples that were written have gone to Asterisk, since the line began.
    ///
    /// Samples count as they were written, whatever their rate. After clear(), this tells where in
    /// a text the caller interrupted: `heard()` less what written() was before its first sample.
    std::uint64_t heard() const noexcept;
    /// heard(), and what is queued.
    std::uint64_t written() const noexcept;

    /// Waits until everything that was written has gone to Asterisk, or was cleared.
    ///
    /// False when the line ended before that.
    /// Cancellation: all types; throws asio::error::operation_aborted.
    [[nodiscard]] asio::awaitable<bool> drained();

    /// Ends the line at once; what is queued is not said, what was not read is dropped.
    void end() noexcept;
    /// True when the line has ended: by end(), by the caller's hangup, or by Asterisk.
    bool ended() const noexcept;

    AudioLineCounters counters() const noexcept;  ///< A snapshot of what has passed so far.

private:
    friend detail::AudioConnection& connection_of(AudioLine& line) noexcept {
        return *line.connection_;
    }

    std::shared_ptr<detail::AudioConnection> connection_;
    bool all_rates_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
