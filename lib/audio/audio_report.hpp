// SPDX-License-Identifier: MIT
// Tells the observer of a call what passes on one of its audio lines.
#pragma once

#include "audio/playout_queue.hpp"

#include <costrix/agi/detail/session_interface.hpp>
#include <costrix/agi/protocol/audio_event.hpp>
#include <costrix/agi/protocol/audio_message.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Positions count the messages that were sent, so that a stall does not change the order of what
/// came and what was sent. The session must outlive it.
class AudioReport {
public:
    using Time = std::chrono::nanoseconds;

    AudioReport(SessionInterface& session, std::uint64_t line) noexcept
        : session_(session), line_(line) {}
    /// Null if nobody wants to know.
    static std::unique_ptr<AudioReport> to_observer_of(SessionInterface& session);

    void opened(Time before_next);
    /// So many messages have been sent, or could have been.
    void pass(std::int64_t messages) noexcept { slots_ += messages; }
    /// A whole message was sent, with sound.
    void sent(std::string_view message);
    /// A message has come, `before_next` one of ours is due.
    void received(const AudioMessage& message, Time before_next);
    /// The line has ended.
    void ended(bool here, Time before_next);

private:
    Time position(Time before_next) const noexcept;
    void tell(AudioEvent event) noexcept;

    SessionInterface& session_;
    std::uint64_t line_;
    std::int64_t slots_ = 0;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
