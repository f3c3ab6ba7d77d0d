// SPDX-License-Identifier: MIT
// The state of the simulated call: clock, caller, channel, variables, database, event log.
#pragma once

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

namespace costrix::testing::detail {

using Time = std::chrono::nanoseconds;

/// Later than anything.
inline constexpr Time kNever = Time::max();

/// `at` plus `delay`, where an endless delay stays endless.
constexpr Time later(Time at, Time delay) {
    return delay >= kNever - at ? kNever : at + delay;
}

/// Sound is 8000 samples a second wherever Asterisk reports an offset.
constexpr long samples(Time length) {
    return static_cast<long>(length / std::chrono::microseconds(125));
}

/// What the commands act on; it neither reads nor writes the wire.
class CallState {
public:
    explicit CallState(Scenario scenario);

    // --- time and what the caller does in it ---
    Time now() const { return now_; }
    void set_now(Time now) { now_ = now; }
    /// When the caller (or SET AUTOHANGUP) next does something.
    std::optional<Time> next_action() const;
    /// Takes the next action, due by now, off the agenda.
    TimedAction take_action();
    /// The caller will press these keys, the first `after` from now.
    void will_press(std::string_view keys, Time after, Time gap);
    /// The caller will send the next message that is left, if any.
    void will_send_message();
    /// Sets or, with no time, clears the channel's hangup timer.
    void set_autohangup(std::optional<Time> after);
    /// Starts a prompt: its length, or nothing if there is no such file.
    ///
    /// The caller's answers to it go on the agenda.
    std::optional<Time> begin_prompt(const std::string& file, Time skip = {});
    /// The caller's answers to a prompt that asks by silence.
    void respond_to(const std::string& prompt);
    /// How often a prompt has begun.
    std::size_t times_begun(std::string_view prompt) const;
    /// A sound file's length, nothing if there is no such file.
    std::optional<Time> sound(const std::string& file) const;

    // --- the channel ---
    const ScenarioData& data() const { return scenario_.data(); }
    bool answered() const { return answered_; }
    void go_up();
    bool hung_up() const { return hung_up_; }
    void hang_up(std::string_view by);
    /// Whether the name is this channel's or its caller's.
    bool is_own(std::string_view channel) const;
    bool channel_exists(std::string_view channel) const;
    std::map<std::string, std::string>& variables() { return variables_; }
    const std::map<std::string, std::string>& variables() const { return variables_; }
    std::map<std::string, std::string>& database() { return database_; }
    const std::map<std::string, std::string>& database() const { return database_; }

    std::string caller_number;
    std::string caller_name;
    std::string language;
    std::string context;
    std::string extension;
    int priority = 1;
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
    bool answered_;
    bool hung_up_;
    std::map<std::string, std::string> variables_;
    std::map<std::string, std::string> database_;
    std::vector<Event> events_;
    std::function<void(const Event&)> observer_;
};

/// The scenario, with a channel and a unique id of its own where it says none.
Scenario with_ids(Scenario scenario);

/// The environment block with its empty line.
std::string environment_block(const ScenarioData& data);

/// Splits `"Name" <number>` in Asterisk's way: name, number.
std::pair<std::string, std::string> parse_caller_id(const std::string& text);

}  // namespace costrix::testing::detail
