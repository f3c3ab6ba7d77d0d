// SPDX-License-Identifier: MIT
// play(): sound of the program's own in a call, without a file on Asterisk's disk.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/agi/audio_options.hpp>
#include <costrix/agi/sound.hpp>
#include <costrix/asio.hpp>

#include <string>

namespace costrix::inline COSTRIX_ABI::agi {

/// Plays a sound to its end, or until the caller presses one of `stop_keys`.
///
///     const auto played = co_await agi::play(call, samples, "0123456789*#");
///
/// It is a talk() that says the sound: sends EXEC AudioSocket, and needs what talk() needs. Keys
/// need Asterisk 20.14, 21.9, 22.4 or later: earlier ones do not report them here, and the sound
/// plays to its end. Other keys are dropped.
///
/// Lifetime: `call` must outlive this; the sound is copied, which shares its samples.
/// Throws: AGIUsageError for a rate that this Asterisk does not take (AudioLine::write); what the
/// sound's source throws; an AGIHangup if the caller has hung up; AGIAppError, AGITimeout as
/// talk().
/// Cancellation: all types, forwarded to the sound's source; the sound stops, and this throws
/// asio::error::operation_aborted. The session stays in step.
[[nodiscard]] asio::awaitable<PlayedSound>
play(AGI& call, Sound sound, std::string stop_keys = "", AudioOptions options = AudioOptions());

}  // namespace costrix::inline COSTRIX_ABI::agi
