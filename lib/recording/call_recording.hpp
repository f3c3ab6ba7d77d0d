// SPDX-License-Identifier: MIT
// The transcript of one session, in memory.
#pragma once

#include "recording/recording_budget.hpp"

#include <costrix/agi/protocol/audio_event.hpp>
#include <costrix/agi/protocol/environment.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// A transcript of a session in progress. Not thread-safe.
class CallRecording {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Writes the header and the environment block. The recording is at most `max_bytes` long;
    /// `budget` limits all recordings together, and must outlive this one.
    CallRecording(
        std::string name,
        std::string_view shows,
        const Environment& environment,
        std::size_t max_bytes,
        RecordingBudget& budget,
        Time now
    );
    ~CallRecording() { budget_.release(taken_); }
    CallRecording(const CallRecording&) = delete;
    CallRecording& operator=(const CallRecording&) = delete;

    /// Adds one line sent to or received from Asterisk, or the lines of one reply, without last LF.
    void add(bool sent, std::string_view lines, Time now);
    /// Adds an event outside of the connection.
    void note(std::string_view what, Time now);
    /// Adds what passed on an audio line; all audio is at most `max_bytes` long.
    void add_audio(const AudioEvent& event, std::size_t max_bytes, Time now);

    /// The name of the file, without its directory.
    const std::string& name() const noexcept { return name_; }
    const std::string& text() const noexcept { return text_; }
    /// True when a limit was reached, so that the rest of the session is missing.
    bool cut() const noexcept { return cut_; }

private:
    void append(char mark, std::string_view text);
    void append_line(std::string_view line);
    void append_remark(std::string_view text);
    void cut_audio(std::string_view why, std::size_t max_bytes, Time now);
    std::uint64_t number_of(std::uint64_t line);
    void pause(Time now);

    std::string name_;
    std::string text_;
    std::size_t max_bytes_;
    RecordingBudget& budget_;
    std::size_t taken_ = 0;        // from the budget
    std::size_t audio_bytes_ = 0;  // of the text
    std::vector<std::uint64_t> audio_lines_;
    Time last_;
    bool cut_ = false;
    bool audio_cut_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
