// SPDX-License-Identifier: MIT
// When each call of a load is due to begin.
#include "tool/load/schedule.hpp"

#include "tool/formatting.hpp"

#include <algorithm>
#include <cmath>

namespace costrix::tool {

using std::chrono::nanoseconds;

Schedule::Schedule(double rate, nanoseconds ramp)
    : rate_(rate), ramp_(seconds(ramp)), in_ramp_(rate * ramp_ / 2) {}

nanoseconds Schedule::due(std::uint64_t call) const {
    const auto number = static_cast<double>(call);
    // During the ramp rate * t^2 / (2 * ramp) calls are due by t.
    const double at = number < in_ramp_ ? std::sqrt(2 * ramp_ * number / rate_)
                                        : ramp_ + (number - in_ramp_) / rate_;
    return nanoseconds(std::llround(at * 1e9));
}

std::size_t ramped_concurrency(std::size_t full, nanoseconds ramp, nanoseconds passed) {
    if (passed >= ramp)
        return full;
    const double share = seconds(passed) / seconds(ramp);
    return std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(full) * share));
}

}  // namespace costrix::tool
