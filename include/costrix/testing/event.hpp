// SPDX-License-Identifier: MIT
// Events of a simulated call, for assertions, logs and drivers.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::testing {

/// The kinds of events on a simulated call.
enum class EventKind {
    command,        ///< Asterisk starts a command; the text is its line.
    reply,          ///< Asterisk writes a reply; the text may hold several lines.
    dropped,        ///< A command was interrupted and gets no reply; the text is its name.
    hangup_line,    ///< Asterisk writes its unasked HANGUP line.
    signal,         ///< Classic AGI: Asterisk sends SIGHUP to the script.
    played,         ///< A sound starts; the text is the file, `duration` the time that remains.
    missing_sound,  ///< The script asks for a sound that Asterisk does not have.
    said,           ///< A SAY command starts; the text is what it says.
    key,            ///< The caller releases a key; the text is the key.
    text,           ///< The caller sends a text message.
    sent,           ///< The script sends the caller a text message (SEND TEXT) or an image.
    log,            ///< The script writes to Asterisk's console (VERBOSE).
    answered,       ///< The channel is answered.
    hangup,         ///< The channel is hung up; the text says by whom.
    closed,         ///< AGI() ends; the text is AGISTATUS.
    crash,          ///< The command would crash Asterisk; the text says why.
    unsimulated,    ///< The simulation lacks this application or dialplan function.
    audio_open,     ///< Asterisk connects the caller's audio to the script; the text is where to.
    audio_over,     ///< An audio connection has ended, or could not be made; the text says why.
};

/// An event on a simulated call.
class Event {
public:
    /// Makes an event; `time` counts from the start of the session.
    Event(
        std::chrono::nanoseconds time,
        EventKind kind,
        std::string text,
        std::chrono::nanoseconds duration = {}
    );

    /// When it happened, since the start of the session.
    std::chrono::nanoseconds time() const noexcept { return time_; }

    /// What happened.
    EventKind kind() const noexcept { return kind_; }

    /// The line, file, key or message in question.
    const std::string& text() const noexcept { return text_; }

    /// How long it takes; zero if it takes no time.
    std::chrono::nanoseconds duration() const noexcept { return duration_; }

private:
    std::chrono::nanoseconds time_;
    EventKind kind_;
    std::string text_;
    std::chrono::nanoseconds duration_;
};

/// The name of the kind, as in the enumeration.
[[nodiscard]] std::string_view to_string(EventKind kind) noexcept;

/// One line for a reader, such as `plays welcome (1.20 s)`.
[[nodiscard]] std::string describe(const Event& event);

}  // namespace costrix::inline COSTRIX_ABI::testing
