// SPDX-License-Identifier: MIT
// A histogram of durations that one thread fills, usually, and any thread reads.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace costrix::inline COSTRIX_ABI::agi::detail {

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

/// For each power of two: the bucket of durations from it on, and the bound, if any, below which
/// they stay in that bucket. No two bounds are between a power of two and the next.
template <const Bounds& kBoundsInSeconds>
class Octaves {
public:
    constexpr Octaves() noexcept {
        for (std::size_t bound = 0; bound < kBounds; ++bound) {
            const auto nanoseconds = static_cast<std::int64_t>(kBoundsInSeconds[bound] * 1e9 + 0.5);
            const auto octave = octave_of(nanoseconds);
            unique_ = unique_ && all_[octave].bound == kNone;
            all_[octave].bound = nanoseconds;
            for (std::size_t above = octave + 1; above < kNegative; ++above)
                all_[above].bucket = bound + 1;
        }
    }
    /// The number of the first bucket whose bound is not below the duration.
    constexpr std::size_t bucket(std::int64_t nanoseconds) const noexcept {
        const auto& octave = all_[octave_of(nanoseconds)];
        return octave.bucket + (nanoseconds > octave.bound ? 1U : 0U);
    }
    constexpr bool unique() const noexcept { return unique_; }

private:
    struct Octave {
        std::int64_t bound = kNone;
        std::size_t bucket = 0;
    };
    static constexpr auto kNone = std::numeric_limits<std::int64_t>::max();
    static constexpr std::size_t kNegative = 63;

    static constexpr std::size_t octave_of(std::int64_t nanoseconds) noexcept {
        const auto bits = static_cast<std::uint64_t>(nanoseconds) | 1U;
        return 63U ^ static_cast<std::uint32_t>(std::countl_zero(bits));
    }

    std::array<Octave, 64> all_{};
    bool unique_ = true;
};

template <const Bounds& kBoundsInSeconds>
inline constexpr Octaves<kBoundsInSeconds> kOctaves{};
template <const Bounds& kBoundsInSeconds>
inline constexpr auto kFirstBound = static_cast<std::int64_t>(kBoundsInSeconds[0] * 1e9 + 0.5);
static_assert(kOctaves<kTurnAroundBounds>.unique() && kOctaves<kCommandBounds>.unique());

/// The number of the bucket of a duration: the first whose bound is not below it.
template <const Bounds& kBoundsInSeconds>
constexpr std::size_t bucket_of(std::chrono::nanoseconds duration) noexcept {
    return kOctaves<kBoundsInSeconds>.bucket(duration.count());
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

/// `kNumber` histograms with the same bounds, bucket by bucket: most durations are in the first
/// one, whose counter is found without arithmetic.
template <const Bounds& kBoundsInSeconds, std::size_t kNumber>
class Histograms {
public:
    void add(std::size_t number, std::chrono::nanoseconds duration) noexcept {
        nanoseconds_[number].fetch_add(
            static_cast<std::uint64_t>(duration.count()), std::memory_order_relaxed
        );
        if (duration.count() <= kFirstBound<kBoundsInSeconds>) [[likely]]
            counts_[0][number].fetch_add(1, std::memory_order_relaxed);
        else
            counts_[bucket_of<kBoundsInSeconds>(duration)][number].fetch_add(
                1, std::memory_order_relaxed
            );
    }
    HistogramSum read(std::size_t number) const noexcept {
        HistogramSum sum;
        for (std::size_t i = 0; i <= kBounds; ++i)
            sum.counts[i] = counts_[i][number].load(std::memory_order_relaxed);
        sum.nanoseconds = nanoseconds_[number].load(std::memory_order_relaxed);
        return sum;
    }

private:
    using Row = std::array<std::atomic<std::uint64_t>, kNumber>;

    std::array<Row, kBounds + 1> counts_{};
    Row nanoseconds_{};
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
