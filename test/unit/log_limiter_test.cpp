// SPDX-License-Identifier: MIT
// How many lines of a kind reach the log, and what is said of the others.
#include "server/log_limiter.hpp"

#include <gtest/gtest.h>

namespace costrix::agi::detail {
namespace {

constexpr Counter kKind = &ServerCounters::not_agi;

TEST(LogLimiter, LetsTheFirstLinesOfAPeriodThrough) {
    LogLimiter limiter;
    const auto now = LogLimiter::Clock::now();
    for (std::uint64_t i = 0; i < LogLimiter::kLines; ++i)
        EXPECT_EQ(limiter.admit(kKind, now), 0U);
    EXPECT_EQ(limiter.admit(kKind, now), std::nullopt);
    EXPECT_EQ(limiter.admit(kKind, now + LogLimiter::kPeriod / 2), std::nullopt);
}

TEST(LogLimiter, SaysHowManyWereLeftOut) {
    LogLimiter limiter;
    const auto now = LogLimiter::Clock::now();
    for (std::uint64_t i = 0; i < LogLimiter::kLines + 7; ++i)
        limiter.admit(kKind, now);
    EXPECT_EQ(limiter.admit(kKind, now + LogLimiter::kPeriod), 7U);
    EXPECT_EQ(limiter.admit(kKind, now + LogLimiter::kPeriod), 0U);
}

TEST(LogLimiter, KeepsTheKindsApart) {
    LogLimiter limiter;
    const auto now = LogLimiter::Clock::now();
    for (std::uint64_t i = 0; i <= LogLimiter::kLines; ++i)
        limiter.admit(kKind, now);
    EXPECT_EQ(limiter.admit(kKind, now), std::nullopt);
    for (std::size_t i = 0; i < std::tuple_size_v<CounterValues>; ++i) {
        if (const Counter other(i); other != kKind) {
            EXPECT_EQ(limiter.admit(other, now), 0U);
        }
    }
}

}  // namespace
}  // namespace costrix::agi::detail
