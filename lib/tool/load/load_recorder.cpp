// SPDX-License-Identifier: MIT
// Collects the figures of a load while it runs.
#include "tool/load/load_recorder.hpp"

#include "platform/process.hpp"
#include "tool/scenario_options.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace costrix::tool {

using std::chrono::nanoseconds;

namespace {

constexpr std::size_t kMaxIntervals = 240;
constexpr auto kFirstInterval = std::chrono::milliseconds(100);
constexpr auto kLate = std::chrono::milliseconds(10);

}  // namespace

void LoadInterval::add(const LoadInterval& other) {
    begun += other.begun;
    ended += other.ended;
    commands += other.commands;
    errors += other.errors;
    max_at_once = std::max(max_at_once, other.max_at_once);
    turnaround.add(other.turnaround);
}

std::uint64_t LoadResult::error_count() const {
    std::uint64_t all = 0;
    for (const auto& [kind, count] : errors)
        all += count;
    return all;
}

bool LoadResult::lacks_application() const {
    return std::any_of(lacking.begin(), lacking.end(), [](const auto& entry) {
        return is_application(entry.first);
    });
}

Recorder::Recorder(Time started) : started_(started), busy_before_(agi::detail::busy_time()) {
    result_.interval = kFirstInterval;
    result_.timeline.emplace_back();
}

void Recorder::begun(Time now, Time due, bool held_back, std::size_t at_once) {
    ++result_.begun;
    ++current().begun;
    result_.max_at_once = std::max(result_.max_at_once, at_once);
    current().max_at_once = std::max(current().max_at_once, at_once);
    if (now - due > kLate) {
        ++result_.late;
        result_.held_back += held_back ? 1U : 0U;
    }
}

void Recorder::ended() {
    ++result_.ended;
    ++current().ended;
}

void Recorder::error(const std::string& kind, std::uint64_t count) {
    result_.errors[kind] += count;
    current().errors += count;
}

void Recorder::never_made(std::uint64_t count) {
    if (count == 0)
        return;
    result_.never_made += count;
    error("never made", count);
}

void Recorder::commands(std::size_t count) {
    result_.commands += count;
    current().commands += count;
}

// Asterisk's three codes for refusals; a 520 may have several lines.
void Recorder::reply(std::string_view text) {
    if (text.starts_with("51") || text.starts_with("520"))
        ++result_.refused[std::string(text.substr(0, 3))];
}

void Recorder::turnaround(nanoseconds latency) {
    result_.turnaround.record(latency);
    current().turnaround.record(latency);
}

void Recorder::advance(Time now, std::size_t at_once) {
    while (now - started_ >= result_.interval * static_cast<int>(result_.timeline.size())) {
        if (result_.timeline.size() == kMaxIntervals) {
            // A long load is shown in longer intervals.
            for (std::size_t i = 0; i < kMaxIntervals / 2; ++i) {
                auto merged = result_.timeline[2 * i];
                merged.add(result_.timeline[2 * i + 1]);
                result_.timeline[i] = merged;
            }
            result_.timeline.resize(kMaxIntervals / 2);
            result_.interval *= 2;
            continue;
        }
        result_.timeline.emplace_back().max_at_once = at_once;
    }
}

LoadResult Recorder::finish(Time now, Time begun_until) {
    result_.took = now - started_;
    result_.begun_in = begun_until - started_;
    const auto busy = agi::detail::busy_time() - busy_before_;
    if (result_.took > nanoseconds{})
        result_.busy = std::chrono::duration<double>(busy) / result_.took;
    return std::move(result_);
}

}  // namespace costrix::tool
