// SPDX-License-Identifier: MIT
// Keeps a peer from filling the log.
#pragma once

#include "server/counters.hpp"

#include <costrix/agi/detail/config.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Admits the first lines of each kind in each period, and counts the others. Any thread: only
/// faults are logged through it.
class LogLimiter {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::uint64_t kLines = 20;
    static constexpr auto kPeriod = std::chrono::seconds(10);

    /// How many lines of this kind were left out since the last one that was admitted; nullopt when
    /// this one is to be left out too.
    std::optional<std::uint64_t> admit(Counter kind, Clock::time_point now = Clock::now()) {
        std::lock_guard lock(mutex_);
        auto& entry = kinds_[kind.index];
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

private:
    struct Kind {
        Clock::time_point begin = {};  // of the period
        std::uint64_t lines = 0;       // admitted in it
        std::uint64_t left_out = 0;
    };

    std::mutex mutex_;
    std::array<Kind, std::tuple_size_v<CounterValues>> kinds_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
