// SPDX-License-Identifier: MIT
// What Asterisk is told to connect to for a call's audio, and the connection that it makes.
#pragma once

#include "audio/audio_connection.hpp"
#include "audio/audio_rendezvous.hpp"

#include <costrix/agi/agi.hpp>
#include <costrix/agi/audio_options.hpp>
#include <costrix/asio.hpp>

#include <memory>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Listens for one connection until that has come, or this is destroyed.
class AudioInvitation {
public:
    /// Begins to listen. Throws AGIAppError if that is impossible.
    AudioInvitation(AGI& call, const AudioOptions& options);
    ~AudioInvitation();
    AudioInvitation(const AudioInvitation&) = delete;
    AudioInvitation& operator=(const AudioInvitation&) = delete;

    /// HOST:PORT, for Asterisk.
    const std::string& where() const noexcept { return where_; }
    std::string uuid() const { return meeting_->uuid.to_string(); }
    /// True if the connection has come.
    bool met() const noexcept { return meeting_->met(); }
    /// Nobody will come.
    void revoke() noexcept;

    /// Waits for the connection, for its time at most; null when nobody will come.
    ///
    /// Throws AGITimeout. Cancellation: all types; throws asio::error::operation_aborted.
    asio::awaitable<std::shared_ptr<AudioConnection>> wait(AudioConnection::Output output);

private:
    asio::any_io_executor executor_;
    AudioOptions options_;
    AudioRendezvous& rendezvous_;
    std::shared_ptr<AudioMeeting> meeting_;
    std::string where_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
