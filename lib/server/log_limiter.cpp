// SPDX-License-Identifier: MIT
// Periods, lines let through, lines left out.
#include "server/log_limiter.hpp"

#include <algorithm>
#include <utility>

namespace costrix::agi::detail {

std::optional<std::uint64_t> LogLimiter::admit(Counter kind, Clock::time_point now) {
    const auto place = std::find(std::begin(kCounters), std::end(kCounters), kind);
    std::lock_guard lock(mutex_);
    auto& entry = kinds_[static_cast<std::size_t>(place - std::begin(kCounters))];
    if (entry.lines == 0 || now - entry.begin >= kPeriod) {
        entry.begin = now;
        entry.lines = 0;
    }
    if (entry.lines == kLines) {
        ++entry.left_out;
        return std::nullopt;
    }
    ++entry.lines;
    return std::exchange(entry.left_out, 0);
}

}  // namespace costrix::agi::detail
