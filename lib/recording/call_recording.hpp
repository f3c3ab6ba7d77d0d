// SPDX-License-Identifier: MIT
// One session, written down in memory as it goes.
#pragma once

#include "recording/recording_budget.hpp"

#include <costrix/agi/protocol/environment.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace costrix::agi::detail {

/// A transcript that grows. No thread safety.
class CallRecording {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Begins with the header and the environment block. `budget` is that of all recordings, and
    /// outlives this.
    CallRecording(
        std::string name,
        std::string_view shows,
        const Environment& environment,
        std::size_t max_bytes,
        RecordingBudget& budget,
        Time now
    );
    ~CallRecording() { budget_.give_back(taken_); }
    CallRecording(const CallRecording&) = delete;
    CallRecording& operator=(const CallRecording&) = delete;

    /// A line of the wire, or the several lines of one reply, LF taken off.
    void add(bool sent, std::string_view lines, Time now);
    /// Something that happened off the wire.
    void note(std::string_view what, Time now);

    /// The file's name, without its folder.
    const std::string& name() const noexcept { return name_; }
    const std::string& text() const noexcept { return text_; }
    /// True when it ends before the call does.
    bool cut() const noexcept { return cut_; }

private:
    void append(char mark, std::string_view text);
    void append_line(std::string_view line);
    void pause(Time now);

    std::string name_;
    std::string text_;
    std::size_t max_bytes_;
    RecordingBudget& budget_;
    std::size_t taken_ = 0;  // of the budget
    Time last_;
    bool cut_ = false;
};

}  // namespace costrix::agi::detail
