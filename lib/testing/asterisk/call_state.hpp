// SPDX-License-Identifier: MIT
// The state of the simulated call: clock, caller, channel, variables, database, event log.
#pragma once

#include "testing/asterisk/call_audio.hpp"

#include <costrix/testing/event.hpp>
#include <costrix/testing/scenario.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

using Time = std::chrono::nanoseconds;

/// Later than any other time.
inline constexpr Time kNever = Time::max();

/// `at` plus `delay`; an endless delay stays endless.
constexpr Time later(Time at, Time delay) {
    return delay >= kNever - at ? kNever : at + delay;
}

/// Offsets that Asterisk reports count samples at 8000 Hz.
constexpr long samples(Time length) {
    return static_cast<long>(length / std::chrono::microseconds(125));
}

struct CallerId {
    std::string name;
    std::string number;
};

/// Splits `"Name" <number>` as Asterisk does.
CallerId parse_caller_id(const std::string& text);

/// Where the dialplan is; it continues at the next priority.
struct DialplanLocation {
    std::string context;
    std::string extension;
    int priority = 1;
};

/// What the commands act on; it neither reads nor writes the wire.
class CallState {
public:
    explicit CallState(Scenario scenario);

    // --- time and what the caller does in it ---
    Time now() const { return now_; }
    void set_now(Time now) { audio_.caller().now = now_ = now; }
    /// When the caller, or SET AUTOHANGUP, acts next.
    std::optional<Time> next_action() const;
    /// Removes the next action, which is due by now, from the agenda.
    TimedAction take_action();
    /// Schedules key presses: the first `after` from now, the others `gap` apart.
    void will_press(std::string_view keys, Time after, Time gap);
    /// Schedules the scenario's next text message, if any is left.
    void will_send_message();
    /// Sets the channel's hangup timer; `nullopt` clears it.
    void set_autohangup(std::optional<Time> after);
    /// Starts a prompt and schedules the caller's answers to it.
    ///
    /// Returns its length, or `nullopt` if there is no such file.
    std::optional<Time> begin_prompt(const std::string& file, Time skip = {});
    /// Schedules the caller's answers to a prompt.
    void respond_to(const std::string& prompt);
    /// How often a prompt has started.
    std::size_t times_begun(std::string_view prompt) const;
    /// A sound file's length, or `nullopt` if there is no such file.
    std::optional<Time> sound(const std::string& file) const;

    // --- the channel ---
    const ScenarioData& data() const { return scenario_.data(); }
    bool answered() const { return answered_; }
    void go_up();
    bool hung_up() const { return hung_up_; }
    void hang_up(std::string_view by);
    /// Whether the name is this channel's, or that of its other half.
    bool is_own(std::string_view channel) const;
    bool channel_exists(std::string_view channel) const;
    std::map<std::string, std::string>& variables() { return variables_; }
    const std::map<std::string, std::string>& variables() const { return variables_; }
    std::map<std::string, std::string>& database() { return database_; }
    const std::map<std::string, std::string>& database() const { return database_; }

    CallAudio& audio() { return audio_; }
    const CallAudio& audio() const { return audio_; }

    CallerId caller_id;
    DialplanLocation location;
    std::string language;
    std::map<std::string, long> recordings;  ///< lengths in samples
    bool speech_object = false;
    std::size_t utterance = 0;

    // --- the log ---
    void log(EventKind kind, std::string text, Time duration = {});
    const std::vector<Event>& events() const { return events_; }
    void observe(std::function<void(const Event&)> observer) { observer_ = std::move(observer); }

private:
    void schedule(Time at, TimedAction::Kind kind, std::string value);

    Scenario scenario_;
    Time now_{};
    std::multimap<Time, TimedAction> agenda_;
    std::optional<Time> autohangup_;
    std::map<std::string, std::size_t, std::less<>> times_begun_;
    std::size_t message_ = 0;
    CallAudio audio_;
    bool answered_;
    bool hung_up_;
    std::map<std::string, std::string> variables_;
    std::map<std::string, std::string> database_;
    std::vector<Event> events_;
    std::function<void(const Event&)> observer_;
};

/// The scenario; a channel name and a unique id are made up if it has none.
Scenario with_ids(Scenario scenario);

/// The environment block with its empty line.
std::string environment_block(const ScenarioData& data);

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
