// SPDX-License-Identifier: MIT
// The system's steady clock, read with the fewest instructions.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <ctime>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The same as steady_clock::now(), which is a function of libstdc++'s around this.
inline std::chrono::steady_clock::time_point steady_time() noexcept {
    using Clock = std::chrono::steady_clock;
#if defined(_GLIBCXX_USE_CLOCK_MONOTONIC)
    timespec time;
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    const std::chrono::seconds seconds(time.tv_sec);
    return Clock::time_point(seconds + std::chrono::nanoseconds(time.tv_nsec));
#else
    return Clock::now();
#endif
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
