// SPDX-License-Identifier: MIT
// The caller's audio while commands run: ChanSpy on the call's channel, sent to us.
#pragma once

#include "audio/audio_connection.hpp"
#include "audio/audio_source.hpp"

#include <costrix/agi/agi.hpp>
#include <costrix/agi/audio_options.hpp>
#include <costrix/agi/detail/command_watcher.hpp>
#include <costrix/asio.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Opens a tap on a call that has none. Lifetime, errors, cancellation: as open_audio().
asio::awaitable<std::shared_ptr<AudioSource>> open_tap(AGI& call, AudioOptions options);

/// Sees the session's commands in order to end before one that connects the caller with others,
/// and to keep the caller's channel fed: what is whispered is heard only while something is written
/// to the channel, which an endless silence (PlayTones) does.
///
///     prompt ─▶ ends the silence; PlayTones when it has ended, or before the next command
///     EXEC   ─▶ StopPlayTones before it, since Asterisk drops what an application writes during
///               a tone; PlayTones as above
class AudioTap final : public AudioSource, public CommandWatcher {
public:
    AudioTap(AGI& call, std::shared_ptr<AudioConnection> connection, const AudioOptions& options);
    ~AudioTap();
    /// Watches the session. Throws AGIAppError if another tap does. To speak, run PlayTones then.
    void start();

    const AudioFormat& format() const noexcept override { return format_; }
    std::uint64_t overruns() const noexcept override { return connection_->dropped_frames(); }
    void close() noexcept override;
    AudioLine* line() noexcept override { return line_ ? &*line_ : nullptr; }

    void before(std::string_view line) noexcept override;
    void after() noexcept override;

private:
    friend class EndOfCall;
    asio::awaitable<AudioFrame*> read(AudioFrame& frame) override;
    void feed(bool on) noexcept;
    std::shared_ptr<asio::cancellation_signal> leave() noexcept;

    SessionInterface& session_;
    AGI* call_;  // null when this has been closed, or the call is over
    std::shared_ptr<AudioConnection> connection_;
    const AudioFormat format_;
    std::optional<AudioLine> line_;  // to speak
    bool while_connected_;
    bool fed_ = false;          // PlayTones plays, or will when what was submitted has run
    bool feeding_ = false;      // a command of ours is being submitted
    std::size_t commands_ = 0;  // submitted, and not ended
    std::shared_ptr<asio::cancellation_signal> hangup_wait_;  // while this watches the session
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
