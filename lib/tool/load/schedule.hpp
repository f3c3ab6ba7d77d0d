// SPDX-License-Identifier: MIT
// When each call of a load is due to begin.
#pragma once

#include <chrono>
#include <cstdint>

namespace costrix::tool {

/// Calls at a rate that rises evenly from nothing during the ramp, and is constant after it.
class Schedule {
public:
    /// `rate` is in calls per second, above 0.
    Schedule(double rate, std::chrono::nanoseconds ramp);

    /// When this call, counted from 0, is due; since the start.
    std::chrono::nanoseconds due(std::uint64_t call) const;

private:
    double rate_;
    double ramp_;     ///< in seconds
    double in_ramp_;  ///< calls that are due during the ramp
};

/// How many calls may be open at this time of a ramp that ends at `concurrency`.
std::size_t ramped_concurrency(
    std::size_t full,
    std::chrono::nanoseconds ramp,
    std::chrono::nanoseconds passed
);

}  // namespace costrix::tool
