// SPDX-License-Identifier: MIT
// Counting, without anything shared between the loops of a server.
#pragma once

#include <costrix/agi/server_counters.hpp>

#include <atomic>
#include <cstddef>
#include <iterator>

namespace costrix::agi::detail {

using Counter = std::uint64_t ServerCounters::*;

/// All of them; the sum of several loops' counters goes through this list.
inline constexpr Counter kCounters[] = {
    &ServerCounters::sessions,
    &ServerCounters::accepted,
    &ServerCounters::accept_errors,
    &ServerCounters::overloads,
    &ServerCounters::busy,
    &ServerCounters::refused_address,
    &ServerCounters::refused_per_peer,
    &ServerCounters::refused_path,
    &ServerCounters::refused_no_route,
    &ServerCounters::patterns_gave_up,
    &ServerCounters::refused_admission,
    &ServerCounters::probes,
    &ServerCounters::environment_cut,
    &ServerCounters::environment_late,
    &ServerCounters::environment_too_long,
    &ServerCounters::environment_forged,
    &ServerCounters::not_agi,
    &ServerCounters::commands,
    &ServerCounters::reply_too_long,
    &ServerCounters::not_a_reply,
    &ServerCounters::not_reading,
    &ServerCounters::vanished,
    &ServerCounters::session_too_long,
    &ServerCounters::late_after_hangup,
    &ServerCounters::internal_errors,
    &ServerCounters::finished,
    &ServerCounters::hangups,
    &ServerCounters::timeouts,
    &ServerCounters::failures,
    &ServerCounters::cancelled,
    &ServerCounters::stray_exceptions,
    &ServerCounters::drained,
    &ServerCounters::drain_cancelled,
    &ServerCounters::abandoned,
};
static_assert(sizeof(ServerCounters) == std::size(kCounters) * sizeof(std::uint64_t));

/// The counters of one loop, on cache lines of their own. Any thread.
class alignas(64) Counters {
public:
    void add(Counter counter, std::uint64_t number = 1) noexcept {
        std::atomic_ref(values_.*counter).fetch_add(number, std::memory_order_relaxed);
    }
    /// Ordered with get(), so that the last session to end and whoever waits for that cannot both
    /// miss the other.
    void subtract(Counter counter) noexcept { std::atomic_ref(values_.*counter).fetch_sub(1); }
    std::uint64_t get(Counter counter) const noexcept {
        return std::atomic_ref(values_.*counter).load();
    }
    void add_to(ServerCounters& sum) const noexcept {
        for (const auto counter : kCounters)
            sum.*counter += get(counter);
    }

private:
    mutable ServerCounters values_;  // an atomic_ref cannot read a const object
};

}  // namespace costrix::agi::detail
