// SPDX-License-Identifier: MIT
// Counts durations in buckets whose width grows with the duration, as HdrHistogram does.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace costrix::tool {

/// Durations from 0 to 2^42 ns (73 minutes), each counted to within 1 part in 2^Bits.
///
/// Recording is a shift and an increment; two histograms add up exactly.
template <unsigned Bits>
class Histogram {
public:
    static constexpr unsigned kHighestBit = 42;
    static constexpr std::size_t kBuckets = static_cast<std::size_t>(kHighestBit - Bits + 1)
                                            << Bits;

    void record(std::chrono::nanoseconds duration) noexcept {
        const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
        ++counts_[index(value)];
        ++total_;
        sum_ += value;
        min_ = std::min(min_, value);
        max_ = std::max(max_, value);
    }

    void add(const Histogram& other) noexcept {
        for (std::size_t i = 0; i < kBuckets; ++i)
            counts_[i] += other.counts_[i];
        total_ += other.total_;
        sum_ += other.sum_;
        min_ = std::min(min_, other.min_);
        max_ = std::max(max_, other.max_);
    }

    /// How many were recorded.
    std::uint64_t count() const noexcept { return total_; }
    /// The longest; zero when there is none.
    std::chrono::nanoseconds max() const noexcept { return to_duration(max_); }
    /// The shortest; zero when there is none.
    std::chrono::nanoseconds min() const noexcept { return to_duration(total_ == 0 ? 0 : min_); }
    std::chrono::nanoseconds mean() const noexcept {
        return to_duration(total_ == 0 ? 0 : sum_ / total_);
    }
    /// What this share of all (0 to 1) is not longer than; zero when there is none.
    std::chrono::nanoseconds quantile(double share) const noexcept {
        const double wanted = share * static_cast<double>(total_);
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < kBuckets; ++i) {
            seen += counts_[i];
            if (seen > 0 && static_cast<double>(seen) >= wanted)
                return std::min(to_duration(lower_bound(i + 1) - 1), max());
        }
        return max();
    }

    /// How many durations are in a bucket, and where it begins; the next one begins where it ends.
    std::uint64_t bucket(std::size_t i) const noexcept { return counts_[i]; }
    static std::uint64_t lower_bound(std::size_t i) noexcept {
        const auto octave = i >> Bits;
        const auto rest = i & ((std::size_t{1} << Bits) - 1);
        if (octave == 0)
            return rest;
        return (rest | std::size_t{1} << Bits) << (octave - 1);
    }

private:
    static std::size_t index(std::uint64_t value) noexcept {
        value = std::min(value, (std::uint64_t{1} << kHighestBit) - 1);
        const auto width = static_cast<unsigned>(std::bit_width(value));
        if (width <= Bits)
            return static_cast<std::size_t>(value);
        const auto shift = width - Bits - 1;
        return (static_cast<std::size_t>(shift + 1) << Bits) +
               static_cast<std::size_t>((value >> shift) - (std::uint64_t{1} << Bits));
    }
    static std::chrono::nanoseconds to_duration(std::uint64_t value) noexcept {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(value));
    }

    std::array<std::uint32_t, kBuckets> counts_{};
    std::uint64_t total_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t min_ = UINT64_MAX;
    std::uint64_t max_ = 0;
};

}  // namespace costrix::tool
