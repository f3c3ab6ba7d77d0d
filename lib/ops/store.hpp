// SPDX-License-Identifier: MIT
// What a Metrics has counted, and the calls that run now.
#pragma once

#include "ops/call_table.hpp"

#include <costrix/agi/audio_line.hpp>
#include <costrix/agi/detail/metered_call.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::ops::detail {

using agi::detail::HistogramSum;
using agi::detail::kBounds;
using agi::detail::kCommandBounds;
using agi::detail::kTurnAroundBounds;

class Store;

/// Metrics have few labels: what comes later than this many routes is counted as "other".
inline constexpr std::size_t kMaxRoutes = agi::detail::CommandHistograms::kRoutes;
/// Asterisk's commands, and "other".
inline constexpr std::size_t kCommands = 48;
inline constexpr std::size_t kOther = kCommands - 1;

/// Where a command stands in our tables, by its SentCommand::number: as in kCommandTable, and
/// kOther for one that is not there.
constexpr std::size_t command_index(std::uint8_t number) noexcept {
    return number == 0 ? kOther : number - std::size_t{1};
}
std::string_view command_name(std::size_t index) noexcept;

/// What the calls of one thread count, and these calls.
struct alignas(64) Shard : agi::detail::CommandHistograms {
    std::atomic<std::uint64_t> late_frames{0};
    std::atomic<std::uint64_t> lost_samples{0};

    /// A line has ended.
    void add_audio(const agi::AudioLineCounters& counters) noexcept {
        late_frames.fetch_add(counters.skipped_messages, std::memory_order_relaxed);
        lost_samples.fetch_add(counters.lost_samples, std::memory_order_relaxed);
    }

    Store* store = nullptr;

    std::mutex mutex;  // of the table
    CallTable calls;
};

/// Something to read about: a refusal, an error in a call, the server full.
struct Event {
    std::chrono::system_clock::time_point when;
    std::string kind;  ///< Of few: a Refusal::Reason, a CallError::Kind, "full" or "accepting".
    std::string what;  ///< In words and printable characters.
    std::string who;   ///< The call's unique id and channel, or the peer's address; may be empty.
};

class Store {
public:
    static constexpr std::size_t kMaxEvents = 50;

    Store();

    // --- while calls run: any thread ---
    /// The calling thread's.
    Shard& shard() noexcept;
    std::uint16_t route_number(std::string_view route);
    void add_event(std::string_view kind, std::string_view what, std::string who);
    void on_overload(bool full);
    void on_drain(std::size_t sessions);

    // --- for the pages: any thread ---
    std::size_t shards() const noexcept { return shard_count_; }
    Shard& shard(std::size_t number) const noexcept { return shards_[number]; }
    HistogramSum command(std::size_t index) const noexcept;
    HistogramSum route(std::size_t number) const noexcept;
    std::vector<std::string> routes() const;
    std::vector<Event> events() const;  ///< The latest one first.
    std::uint64_t late_frames() const noexcept;
    std::uint64_t lost_samples() const noexcept;
    /// Event loops that refuse calls, because they are full.
    std::uint64_t full_loops() const noexcept { return full_loops_; }
    bool draining() const noexcept { return draining_; }
    /// Sessions when the drain began.
    std::size_t to_drain() const noexcept { return to_drain_; }
    std::chrono::steady_clock::time_point began() const noexcept { return began_; }

private:
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    const std::size_t shard_count_;
    const std::unique_ptr<Shard[]> shards_;
    std::atomic<std::uint64_t> full_loops_{0};
    std::atomic<bool> draining_{false};
    std::atomic<std::size_t> to_drain_{0};
    mutable std::mutex mutex_;  // of the rest
    std::map<std::string, std::uint16_t, std::less<>> routes_;
    std::deque<Event> events_;
};

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
