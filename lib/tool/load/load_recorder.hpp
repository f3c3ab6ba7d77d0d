// SPDX-License-Identifier: MIT
// Collects the figures of a load while it runs.
#pragma once

#include "tool/load/load_options.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace costrix::tool {

/// Counts into a LoadResult, in total and by interval.
class Recorder {
public:
    using Time = std::chrono::steady_clock::time_point;

    explicit Recorder(Time started);

    void begun(Time now, Time due, bool held_back, std::size_t at_once);
    void ended();
    void error(const std::string& kind, std::uint64_t count = 1);
    void status(const std::string& agistatus) { ++result_.statuses[agistatus]; }
    void commands(std::size_t count);
    void reply(std::string_view text);
    void first_command(std::chrono::nanoseconds latency) { result_.first_command.record(latency); }
    void turnaround(std::chrono::nanoseconds latency);
    void call(std::chrono::nanoseconds length) { result_.call.record(length); }
    void audio_line() { ++result_.audio_lines; }
    void frame(std::chrono::nanoseconds late) { result_.frame_late.record(late); }
    void frames_missing(std::uint64_t count) { result_.frames_missing += count; }
    void interrupted() { result_.interrupted = true; }
    void lacks(const std::string& what) { ++result_.lacking[what]; }
    void unreachable() { result_.unreachable = true; }
    void never_made(std::uint64_t count);

    const LoadResult& result() const noexcept { return result_; }
    /// Extends the timeline to `now`.
    void advance(Time now, std::size_t at_once);
    /// Ends the collection; one use.
    LoadResult finish(Time now, Time begun_until);

private:
    LoadInterval& current() { return result_.timeline.back(); }

    Time started_;
    std::chrono::nanoseconds busy_before_;  ///< what the kernel had counted at the start
    LoadResult result_;
};

}  // namespace costrix::tool
