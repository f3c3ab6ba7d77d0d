// SPDX-License-Identifier: MIT
// Tells the observer of a call what passes on one of its audio lines.
#include "audio/audio_report.hpp"

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::agi::detail {

using Kind = AudioEvent::Kind;

std::unique_ptr<AudioReport> AudioReport::to_observer_of(SessionInterface& session) {
    const auto line = session.observe_audio();
    return line == 0 ? nullptr : std::make_unique<AudioReport>(session, line);
}

void AudioReport::opened(Time before_next) {
    tell({.kind = Kind::open, .position = position(before_next)});
}

void AudioReport::sent(std::string_view message) {
    AudioMessageReader reader;
    if (reader.next(message) != AudioMessageReader::Event::message)
        return;
    const auto& read = reader.message();
    tell(
        {.kind = Kind::samples,
         .sent = true,
         .position = slots_ * PlayoutClock::kSlot,
         .sample_rate = read.sample_rate,
         .bytes = read.payload}
    );
}

void AudioReport::received(const AudioMessage& message, Time before_next) {
    const bool key = message.kind == AudioMessage::Kind::key;
    if (!key && message.kind != AudioMessage::Kind::audio)
        return;
    tell(
        {.kind = key ? Kind::key : Kind::samples,
         .position = position(before_next),
         .sample_rate = message.sample_rate,
         .bytes = message.payload}
    );
}

void AudioReport::ended(bool here, Time before_next) {
    tell({.kind = Kind::end, .sent = here, .position = position(before_next)});
}

/// Strictly between the message sent last and the next one, which may be late.
AudioReport::Time AudioReport::position(Time before_next) const noexcept {
    constexpr Time kSlot = PlayoutClock::kSlot, kLeast = std::chrono::microseconds(1);
    return slots_ * kSlot + std::clamp(kSlot - before_next, kLeast, kSlot - kLeast);
}

void AudioReport::tell(AudioEvent event) noexcept {
    event.line = line_;
    session_.tell_audio_event(event);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
