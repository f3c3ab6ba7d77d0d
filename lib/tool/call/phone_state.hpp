// SPDX-License-Identifier: MIT
// What the phone in the terminal knows of its call, from the events alone.
#pragma once

#include <costrix/testing/event.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace costrix::tool {

/// Follows a call.
class PhoneState {
public:
    /// A sound that plays, or what a SAY command says.
    struct Sound {
        std::string name;
        std::chrono::nanoseconds begun;
        std::chrono::nanoseconds length;
    };
    /// One line of the call's history.
    struct Entry {
        std::chrono::nanoseconds time;
        std::string text;
        bool wire;  ///< a command or a reply, not something that happened on the channel
    };

    void observe(const testing::Event& event);

    /// What plays now; nullopt when it is over.
    std::optional<Sound> sound(std::chrono::nanoseconds now) const;
    /// The command that runs; empty while the script is at work.
    const std::string& command() const noexcept { return command_; }
    /// Since when that command runs, or the script is at work.
    std::chrono::nanoseconds since() const noexcept { return since_; }
    /// The keys pressed so far.
    const std::string& keys() const noexcept { return keys_; }
    /// The key pressed last, for a moment.
    std::optional<char> lit_key(std::chrono::nanoseconds now) const;
    /// All that happened.
    const std::vector<Entry>& history() const noexcept { return history_; }

private:
    void add(const testing::Event& event);

    std::optional<Sound> sound_;
    std::string command_;
    std::chrono::nanoseconds since_{};
    std::string keys_;
    std::chrono::nanoseconds key_time_{};
    std::vector<Entry> history_;
};

}  // namespace costrix::tool
