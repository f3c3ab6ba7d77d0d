// SPDX-License-Identifier: MIT
// Keeps a peer from filling the log.
#pragma once

#include "server/counters.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace costrix::agi::detail {

/// Lets the first lines of each kind in each period through, and counts the rest. Any thread; only
/// what goes wrong comes here.
class LogLimiter {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::uint64_t kLines = 20;
    static constexpr auto kPeriod = std::chrono::seconds(10);

    /// How many lines of this kind were left out since the last one that was let through, or
    /// nothing when this one is to be left out too.
    std::optional<std::uint64_t> admit(Counter kind, Clock::time_point now = Clock::now());

private:
    struct Kind {
        Clock::time_point begin = {};  // of the period
        std::uint64_t lines = 0;       // let through in it
        std::uint64_t left_out = 0;
    };

    std::mutex mutex_;
    std::array<Kind, std::size(kCounters)> kinds_;
};

}  // namespace costrix::agi::detail
