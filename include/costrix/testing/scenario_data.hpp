// SPDX-License-Identifier: MIT
// The settings of a Scenario, as plain data for the simulated Asterisk.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/testing/waveform.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing {

/// The outcome of an application: its result, its duration, the variables that it sets.
class ApplicationOutcome {
public:
    /// An application that returns `result` at once; most return -1 on failure.
    explicit ApplicationOutcome(int result = 0) : result_(result) {}

    /// Takes `duration` before it returns; `nanoseconds::max()`: until the caller hangs up.
    ApplicationOutcome& after(std::chrono::nanoseconds duration) {
        duration_ = duration;
        return *this;
    }

    /// Sets a channel variable when it returns, or when the caller hangs up before that.
    ApplicationOutcome& sets(std::string name, std::string value) {
        variables_.emplace_back(std::move(name), std::move(value));
        return *this;
    }

    /// Leaves the channel hung up.
    ApplicationOutcome& hangs_up() {
        hangs_up_ = true;
        return *this;
    }

    /// The application's return value.
    int result() const noexcept { return result_; }

    /// How long it takes.
    std::chrono::nanoseconds duration() const noexcept { return duration_; }

    /// The variables it sets.
    const std::vector<std::pair<std::string, std::string>>& variables() const noexcept {
        return variables_;
    }

    /// Whether the channel is hung up afterwards.
    bool leaves_hung_up() const noexcept { return hangs_up_; }

private:
    int result_;
    std::chrono::nanoseconds duration_{};
    std::vector<std::pair<std::string, std::string>> variables_;
    bool hangs_up_ = false;
};

/// An application of the dialplan: arguments in, outcome out.
using Application = std::function<ApplicationOutcome(std::string_view arguments)>;

/// A dialplan function: arguments in, value out; nullopt: failure.
using DialplanFunction = std::function<std::optional<std::string>(std::string_view arguments)>;

namespace detail {

/// Keys or text in response to a prompt, `first_after` its start and `gap` apart.
struct Response {
    std::string keys;
    std::chrono::nanoseconds first_after;
    std::chrono::nanoseconds gap;
};

/// What the caller does at a fixed time; empty `keys`: a hangup.
struct TimedAction {
    enum class Kind { key, text, hangup } kind;
    std::chrono::nanoseconds at;
    std::string value;
};

/// A destination of GOSUB.
struct Subroutine {
    std::string value;  ///< what Return() gives, as an expression
    std::chrono::nanoseconds duration;
    bool leaves;  ///< ends without Return, by a hangup
};

/// A scripted outcome of SPEECH RECOGNIZE.
struct Utterance {
    std::string text;
    int score;
    std::string grammar;
    std::chrono::nanoseconds after;
};

/// All settings of a Scenario.
struct ScenarioData {
    std::string url = "agi://127.0.0.1:4573/";
    std::vector<std::string> arguments;
    bool fastagi = true;
    bool enhanced = false;
    bool dead = false;
    bool answered = false;
    bool documented = true;
    bool keeps_events = true;
    std::string caller_number;
    std::string caller_name;
    std::string channel;  ///< empty: each call has its own
    std::vector<std::string> other_channels;
    std::string language = "en";
    std::string unique_id;  ///< empty: likewise
    std::string version = "22.10.1";
    std::string dnid = "unknown";
    std::string rdnis = "unknown";
    std::string context = "default";
    std::string extension = "s";
    int priority = 1;
    std::string account_code;
    std::string thread_id = "140474020665024";
    std::optional<std::size_t> command_limit;
    long long epoch = 1795436445;
    std::map<std::string, std::string> variables;
    std::map<std::string, std::string> database;  ///< key: /family/key
    std::map<std::string, std::chrono::nanoseconds> sounds;
    std::set<std::string> absent;
    std::optional<std::chrono::nanoseconds> any_sound;
    std::chrono::nanoseconds answer_delay = std::chrono::milliseconds(500);
    std::chrono::nanoseconds key_length = std::chrono::milliseconds(100);
    std::vector<TimedAction> timed;
    std::map<std::string, std::vector<Response>> responses;
    std::vector<Response> messages;
    std::map<std::string, std::chrono::nanoseconds> hangups;
    std::optional<std::chrono::nanoseconds> talking;
    std::vector<std::string> unwritable;
    std::map<std::string, Application> applications;  ///< key: name in lower case
    std::map<std::string, ApplicationOutcome> destinations;
    std::map<std::string, DialplanFunction> functions;
    std::map<std::string, Subroutine> subroutines;  ///< key: context,extension,priority
    std::map<std::string, int> labels;
    bool speech_engine = false;
    std::vector<Utterance> utterances;
    std::vector<std::pair<std::chrono::nanoseconds, Waveform>> spoken;
    std::map<std::string, std::vector<std::pair<std::chrono::nanoseconds, Waveform>>> spoken_during;
    std::chrono::nanoseconds packet_length = std::chrono::milliseconds(20);
    bool suppresses_silence = false;
};

}  // namespace detail

}  // namespace costrix::inline COSTRIX_ABI::testing
