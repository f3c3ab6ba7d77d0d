// SPDX-License-Identifier: MIT
// A simulated Asterisk: the far end of one AGI session, without sockets and without real time.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/testing/event.hpp>
#include <costrix/testing/heard_audio.hpp>
#include <costrix/testing/scenario.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing {

namespace detail {
class AudioLeg;
}

/// How loud the last frames of a call's audio were, in dB: 0 is the loudest there can be, -100
/// silence.
struct AudioLevels {
    double caller = -100;  ///< What the caller says.
    double script = -100;  ///< What the script says.
};

/// Plays Asterisk's end of one AGI session, byte for byte, on a virtual clock.
///
///     script's bytes -> receive()      +---------------+   take_output() -> Asterisk's bytes
///     press(), hang_up(), send_text()  | FakeAsterisk  |   events(), observe()
///     advance(next_event())            +---------------+   closed(), agistatus()
///
/// A driver moves bytes and time; this class does no I/O and no waiting. It behaves like Asterisk
/// 22 as recorded in the transcripts, including its quirks: of lines that arrive together, only the
/// first runs until more bytes arrive; bytes that arrive during a prompt end it without a reply; a
/// command that takes time ends once its virtual time has passed.
///
/// Thread safety: none; one thread at a time.
class FakeAsterisk {
public:
    /// Starts the session; take_output() has the environment block.
    explicit FakeAsterisk(Scenario scenario = Scenario());
    /// Ends the session.
    ~FakeAsterisk();
    FakeAsterisk(FakeAsterisk&&) noexcept;  ///< Moves the call; the source can only be destroyed.
    /// Moves the call; the source can only be destroyed.
    FakeAsterisk& operator=(FakeAsterisk&&) noexcept;

    // --- the wire ---

    /// The environment block with its empty line; take_output() begins with it.
    std::string environment() const;
    /// The script wrote these bytes in one write; a line may be cut anywhere.
    void receive(std::string_view bytes);
    /// The script closed the connection: its commands still run, replies are discarded.
    ///
    /// A classic AGI session continues until script_exited().
    void script_closed();
    /// The script shut down its sending side, or a classic script closed its stdout.
    void script_half_closed();
    /// Classic AGI: the script's process ended with this status.
    void script_exited(int status);
    /// What Asterisk has written since the last call.
    [[nodiscard]] std::string take_output();
    /// The audio connections that Asterisk has begun to make since the last call, for run_call()
    /// and place_call(). A driver that does not take them up lets them fail after 2 s.
    std::vector<std::shared_ptr<detail::AudioLeg>> take_audio_connections();
    /// Whether AGI() is over and Asterisk has closed the connection.
    bool closed() const noexcept;
    /// Classic AGI: how often SIGHUP was sent to the script.
    int sighups() const noexcept;

    // --- time ---

    /// Virtual time since the start.
    std::chrono::nanoseconds now() const noexcept;
    /// The time until the next event; nullopt if nothing is due.
    std::optional<std::chrono::nanoseconds> next_event() const;
    /// Advances the clock; everything that becomes due happens, in order.
    void advance(std::chrono::nanoseconds duration);
    /// Advances to the next event; false if there is none.
    bool advance_to_next_event();
    /// Whether a command is running.
    bool busy() const noexcept;

    // --- the caller, live ---

    /// The caller presses a key now; it counts when released, a key length later.
    void press(char key);
    /// The caller presses several keys, a quarter of a second apart.
    void press(std::string_view keys);
    /// The caller says this now.
    void speak(const Waveform& sound);
    /// The caller hangs up now.
    void hang_up();
    /// The caller sends a text message now.
    void send_text(std::string_view text);

    // --- the result ---

    /// Whether the channel is hung up.
    bool hung_up() const noexcept;
    /// Whether the channel is up.
    bool answered() const noexcept;
    /// AGISTATUS as the dialplan sees it: SUCCESS, FAILURE or HANGUP; empty until AGI() is over.
    std::string agistatus() const;
    /// The channel's variables.
    const std::map<std::string, std::string>& variables() const noexcept;
    /// One channel variable or dialplan function; nullopt if it is not set.
    std::optional<std::string> variable(std::string_view name) const;
    /// An entry of the Asterisk database.
    std::optional<std::string> database(std::string_view family, std::string_view key) const;
    /// Where the dialplan continues after AGI(): context, extension and priority, separated by
    /// blanks.
    std::string continues_at() const;
    /// What the caller heard of the script's own sound. Nothing is kept under without_events().
    const HeardAudio& heard() const noexcept;
    /// How loud both sides are now; nullopt while no audio connection is open.
    std::optional<AudioLevels> audio_levels() const;
    /// How often this prompt started; prompts are named as in Scenario::press_during.
    std::size_t times_begun(std::string_view prompt) const;
    /// Everything that happened so far.
    const std::vector<Event>& events() const noexcept;
    /// The texts of all events of one kind, in order.
    std::vector<std::string> texts(EventKind kind) const;
    /// Calls `observer` with every event from now on, as it happens.
    ///
    /// It may read the FakeAsterisk but must not change it; press() is the exception.
    void observe(std::function<void(const Event&)> observer);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing
