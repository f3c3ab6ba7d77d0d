// SPDX-License-Identifier: MIT
// A histogram of durations that one thread fills, usually, and any thread reads.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace costrix::inline COSTRIX_ABI::ops::detail {

/// The buckets' upper bounds, in seconds.
inline constexpr std::size_t kBounds = 15;
using Bounds = std::array<double, kBounds>;
/// Half a millisecond is what a handler takes; from a quarter of a second on, callers notice.
inline constexpr Bounds kTurnAroundBounds{
    0.0001,
    0.0005,
    0.001,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    30};
/// From a variable to a call that Dial has connected.
inline constexpr Bounds
    kCommandBounds{0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800};

/// The number of the bucket of a duration: the first whose bound is not below it.
template <const Bounds& kBoundsInSeconds>
constexpr std::size_t bucket_of(std::chrono::nanoseconds duration) noexcept {
    constexpr auto kNanoseconds = [] {
        std::array<std::int64_t, kBounds> all{};
        for (std::size_t i = 0; i < kBounds; ++i)
            all[i] = static_cast<std::int64_t>(kBoundsInSeconds[i] * 1e9 + 0.5);
        return all;
    }();
    std::size_t bucket = 0;
    for (const std::size_t step : {8U, 4U, 2U, 1U}) {
        if (duration.count() > kNanoseconds[bucket + step - 1])
            bucket += step;
    }
    return bucket;
}

/// What was read from one histogram, or from several.
struct HistogramSum {
    std::array<std::uint64_t, kBounds + 1> counts{};
    std::uint64_t nanoseconds = 0;

    std::uint64_t count() const noexcept {
        std::uint64_t sum = 0;
        for (const auto count : counts)
            sum += count;
        return sum;
    }
    double seconds() const noexcept { return static_cast<double>(nanoseconds) / 1e9; }
    HistogramSum& operator+=(const HistogramSum& other) noexcept {
        for (std::size_t i = 0; i < counts.size(); ++i)
            counts[i] += other.counts[i];
        nanoseconds += other.nanoseconds;
        return *this;
    }
};

class Histogram {
public:
    void add(std::size_t bucket, std::chrono::nanoseconds duration) noexcept {
        counts_[bucket].fetch_add(1, std::memory_order_relaxed);
        nanoseconds_.fetch_add(
            static_cast<std::uint64_t>(duration.count()), std::memory_order_relaxed
        );
    }
    HistogramSum read() const noexcept {
        HistogramSum sum;
        for (std::size_t i = 0; i < counts_.size(); ++i)
            sum.counts[i] = counts_[i].load(std::memory_order_relaxed);
        sum.nanoseconds = nanoseconds_.load(std::memory_order_relaxed);
        return sum;
    }

private:
    std::array<std::atomic<std::uint64_t>, kBounds + 1> counts_{};
    std::atomic<std::uint64_t> nanoseconds_{0};
};

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
