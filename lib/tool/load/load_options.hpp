// SPDX-License-Identifier: MIT
// A load on a FastAGI server: its options, its result and its reports.
#pragma once

#include "tool/agi_url.hpp"
#include "tool/formatting.hpp"
#include "tool/load/histogram.hpp"

#include <costrix/testing/scenario.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace costrix::tool {

/// Keys that callers press at a prompt, each time with this probability.
struct KeyPress {
    std::string keys;
    std::string prompt;
    double probability = 1;
};

/// Callers who hang up early, with this probability, at a random time of the range.
struct EarlyHangup {
    double probability = 0;
    DurationRange after;
};

/// What the command line asks for.
struct LoadOptions {
    AgiUrl url;
    testing::Scenario scenario;  ///< what all calls have in common
    std::optional<std::uint64_t> calls;
    std::optional<std::chrono::nanoseconds> duration;  ///< no call is due later
    double rate = 0;  ///< calls begun per second; 0: as soon as another one has ended
    std::chrono::nanoseconds ramp{};         ///< until rate, or concurrency, is at its full value
    std::optional<std::size_t> concurrency;  ///< maximum; by default 64, or with a rate no limit
    std::vector<KeyPress> presses;
    DurationRange think;  ///< before the first key at a prompt
    std::vector<EarlyHangup> hangups;
    std::chrono::nanoseconds timeout = std::chrono::seconds(30);
    bool line_by_line = false;
    std::uint64_t seed = 1;

    /// The maximum number of calls at once.
    std::size_t max_at_once() const { return concurrency.value_or(rate > 0 ? SIZE_MAX : 64); }
};

/// What happened in one stretch of time.
struct LoadInterval {
    std::uint64_t begun = 0;
    std::uint64_t ended = 0;
    std::uint64_t commands = 0;
    std::uint64_t errors = 0;
    std::size_t max_at_once = 0;
    Histogram<4> turnaround;

    void add(const LoadInterval& other);
};

/// The outcome of a load.
struct LoadResult {
    std::uint64_t begun = 0;
    std::uint64_t ended = 0;  ///< in whatever way, errors included
    std::uint64_t commands = 0;
    std::size_t max_at_once = 0;
    std::map<std::string, std::uint64_t> errors;    ///< by kind
    std::map<std::string, std::uint64_t> statuses;  ///< AGISTATUS of calls without an error
    std::map<std::string, std::uint64_t> refused;   ///< replies of 510, 511 and 520
    std::chrono::nanoseconds took{};                ///< until the last call had ended
    std::chrono::nanoseconds begun_in{};            ///< until the last call was due, and had begun
    bool interrupted = false;
    bool unreachable = false;                      ///< given up: not one call was connected
    std::map<std::string, std::uint64_t> lacking;  ///< what the simulation lacks, and how often
    std::vector<std::string> unheard;              ///< prompts of `presses` that never began

    // Latencies.
    Histogram<7> first_command;  ///< from when the call was due to begin
    Histogram<7> turnaround;     ///< from when the script had its reply to its next command
    Histogram<7> call;           ///< from when the call was due to begin to its end

    // Audio: agi::talk() and agi::open_audio().
    std::uint64_t audio_lines = 0;
    std::uint64_t frames_missing = 0;  ///< 20 ms in which a script sent none
    Histogram<7> frame_late;           ///< behind the earliest of its line

    // Whether the load was what was asked for.
    std::uint64_t never_made = 0;  ///< calls that were due; they count as errors
    std::uint64_t late = 0;        ///< calls begun more than 10 ms after they were due
    std::uint64_t held_back = 0;   ///< of these: because all of `concurrency` were in use
    double busy = 0;  ///< share of the time that the generator was running, or ready to

    std::chrono::nanoseconds interval{};
    std::vector<LoadInterval> timeline;

    std::uint64_t error_count() const;
    /// Whether a script executed an application that the simulation lacks.
    bool lacks_application() const;
    /// Whether the generator had no time to spare, so that the figures are its own.
    bool is_bottleneck() const { return busy > 0.9; }
};

/// How far the load has got; for a progress bar.
struct LoadProgress {
    std::chrono::nanoseconds passed;
    const LoadResult& result;
    std::size_t at_once;
};

/// Runs the load on one thread, to its end or until SIGINT or SIGTERM.
///
/// `progress` is called ten times a second. Throws ConnectError when the name does not resolve.
LoadResult
run_load(const LoadOptions& options, const std::function<void(const LoadProgress&)>& progress);

/// Counts by kind in words, such as "3 refused, 1 reset"; `none` when there are none.
std::string listed(const std::map<std::string, std::uint64_t>& counts, const char* none);

/// The result for people.
std::string load_text(const LoadOptions& options, const LoadResult& result);
/// The result for programs.
std::string load_json(const LoadOptions& options, const LoadResult& result);
/// The result as a self-contained page.
std::string load_html(const LoadOptions& options, const LoadResult& result);
/// How many calls there were, and how many a second, in a sentence.
std::string load_pace(const LoadOptions& options, const LoadResult& result);
/// Calls per second: of a schedule as they began, otherwise as they ended.
double calls_per_second(const LoadOptions& options, const LoadResult& result);
/// What there is to say about the load itself: who was the bottleneck, what was late.
std::vector<std::string> load_remarks(const LoadOptions& options, const LoadResult& result);

}  // namespace costrix::tool
