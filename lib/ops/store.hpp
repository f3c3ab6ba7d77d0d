// SPDX-License-Identifier: MIT
// What a Metrics has counted, and the calls that run now.
#pragma once

#include "ops/histogram.hpp"

#include <costrix/agi/detail/config.hpp>

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

class CallRecord;
class Store;

/// Metrics have few labels: what comes later than this many routes is counted as "other".
inline constexpr std::size_t kMaxRoutes = 64;
/// Asterisk's commands, and "other".
inline constexpr std::size_t kCommands = 48;
inline constexpr std::size_t kOther = kCommands - 1;

/// Where a command stands in our tables, by its SentCommand::number: as in kCommandTable, and
/// kOther for one that is not there.
constexpr std::size_t command_index(std::uint8_t number) noexcept {
    return number == 0 ? kOther : number - std::size_t{1};
}
std::string_view command_name(std::size_t index) noexcept;

/// A place in a table of calls: it stays the call's while the call lives.
using Slot = std::uint32_t;

/// What the calls of one thread count, and these calls.
struct alignas(64) Shard {
    std::array<Histogram, kCommands> commands;
    std::array<Histogram, kMaxRoutes> routes;
    std::atomic<std::uint64_t> late_frames{0};
    std::atomic<std::uint64_t> lost_samples{0};

    Store* store = nullptr;

    std::mutex mutex;  // of the rest
    std::vector<CallRecord*> calls;
    std::vector<Slot> free;
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
    HistogramSum command(std::size_t number) const noexcept;
    HistogramSum route(std::size_t number) const noexcept;
    std::vector<std::string> routes() const;
    std::vector<Event> events() const;  ///< The latest one first.
    std::uint64_t late_frames() const noexcept;
    std::uint64_t lost_samples() const noexcept;
    bool full() const noexcept { return full_loops_ > 0; }
    bool draining() const noexcept { return draining_; }
    /// Sessions when the drain began.
    std::size_t to_drain() const noexcept { return to_drain_; }
    std::chrono::steady_clock::time_point began() const noexcept { return began_; }

private:
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    const std::size_t shard_count_;
    const std::unique_ptr<Shard[]> shards_;
    std::atomic<int> full_loops_{0};
    std::atomic<bool> draining_{false};
    std::atomic<std::size_t> to_drain_{0};
    mutable std::mutex mutex_;  // of the rest
    std::map<std::string, std::uint16_t, std::less<>> routes_;
    std::deque<Event> events_;
};

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
