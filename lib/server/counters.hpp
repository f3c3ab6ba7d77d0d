// SPDX-License-Identifier: MIT
// Counting, with nothing shared between the loops of a server.
#pragma once

#include <costrix/agi/server_counters.hpp>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace costrix::inline COSTRIX_ABI::agi::detail {

using CounterValues = std::array<std::uint64_t, sizeof(ServerCounters) / sizeof(std::uint64_t)>;

/// Names one of the ServerCounters, as `&ServerCounters::accepted` does.
struct Counter {
    constexpr explicit Counter(std::size_t number) noexcept : index(number) {}
    consteval Counter(std::uint64_t ServerCounters::*member) noexcept {
        ServerCounters marked;
        marked.*member = 1;
        const auto values = std::bit_cast<CounterValues>(marked);
        while (values[index] == 0)
            ++index;
    }
    bool operator==(const Counter&) const = default;

    std::size_t index = 0;
};

/// The counters of one loop, on cache lines of their own. Any thread.
class alignas(64) Counters {
public:
    void add(Counter counter, std::uint64_t number = 1) noexcept {
        values_[counter.index].fetch_add(number, std::memory_order_relaxed);
    }
    /// Ordered with get(), so that the last session to end and whoever waits for it cannot miss
    /// each other.
    void subtract(Counter counter) noexcept { values_[counter.index].fetch_sub(1); }
    std::uint64_t get(Counter counter) const noexcept { return values_[counter.index].load(); }
    void add_to(ServerCounters& sum) const noexcept {
        auto values = std::bit_cast<CounterValues>(sum);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] += values_[i].load();
        sum = std::bit_cast<ServerCounters>(values);
    }

private:
    std::array<std::atomic<std::uint64_t>, std::tuple_size_v<CounterValues>> values_{};
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
