// SPDX-License-Identifier: MIT
// The deadlines of all sessions of an execution context, on one timer; and their clock.
#include "session/timer_wheel.hpp"

#include "transport/without_strand.hpp"

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

using Time = TimerWheel::Clock::time_point;

Time time_of(std::int64_t tick) noexcept {
    return Time(tick * TimerWheel::kTick);
}

std::int64_t tick_of(Time time) noexcept {
    return time.time_since_epoch() / TimerWheel::kTick;
}

/// The first tick that is not before `time`, or the clock's last.
std::int64_t tick_after(Time time) noexcept {
    constexpr auto kLast = Time::max() - TimerWheel::kTick;
    const auto tick = tick_of(std::min(time, kLast));
    return time_of(tick) < std::min(time, kLast) ? tick + 1 : tick;
}

}  // namespace

void TimerWheel::enter() {
    std::lock_guard lock(mutex_);
    ++users_;
}

void TimerWheel::arm(Timer& timer, Time deadline, const asio::any_io_executor& executor) {
    std::lock_guard lock(mutex_);
    timer.unlink();
    if (turned_ == 0)
        turned_ = tick_of(now());
    timer.tick_ = std::max(tick_after(deadline), turned_ + 1);  // never early
    slot(timer.tick_).push_back(timer);
    if (manual_)
        return;
    if (!timer_)
        timer_.emplace(without_strand(executor));
    if (wake_ == 0 || timer.tick_ < wake_)
        sleep_until(timer.tick_);
}

void TimerWheel::disarm(Timer& timer) noexcept {
    std::lock_guard lock(mutex_);
    timer.unlink();
}

void TimerWheel::leave(Timer& timer) noexcept {
    std::lock_guard lock(mutex_);
    timer.unlink();
    if (--users_ == 0) {
        wake_ = 0;
        timer_.reset();
    }
}

std::optional<Time> TimerWheel::next() {
    std::lock_guard lock(mutex_);
    for (auto tick = turned_ + 1; tick <= turned_ + static_cast<std::int64_t>(kSlots); ++tick) {
        for (const auto& timer : slot(tick)) {
            if (timer.tick_ == tick)
                return time_of(tick);
        }
    }
    std::optional<std::int64_t> first;  // a turn of the wheel away, or more
    for (const auto& timers : slots_) {
        for (const auto& timer : timers)
            first = std::min(timer.tick_, first.value_or(timer.tick_));
    }
    return first ? std::optional(time_of(*first)) : std::nullopt;
}

void TimerWheel::turn_by_hand() {
    std::unique_lock lock(mutex_);
    turn(lock);
}

void TimerWheel::shutdown() {
    std::lock_guard lock(mutex_);
    timer_.reset();
}

/// Sets the system's timer first, while Asio still has the memory of the wait that has just ended.
/// Tells each timer without the lock: that may release the last reference to it, and then it leaves
/// the wheel.
void TimerWheel::turn(std::unique_lock<std::mutex>& lock) {
    const auto present = tick_of(now());
    const auto first = std::max(turned_ + 1, present - static_cast<std::int64_t>(kSlots) + 1);
    for (auto tick = first; tick <= present; ++tick) {
        auto& timers = slot(tick);
        for (auto next = timers.begin(); next != timers.end();) {
            auto& timer = *next++;
            if (timer.tick_ > present)
                continue;
            timer.unlink();
            due_.push_back(timer);
        }
    }
    turned_ = present;
    wake_ = 0;
    // The next slot that holds anything: due then, or a turn of the wheel later.
    for (auto tick = present + 1; timer_ && tick <= present + static_cast<std::int64_t>(kSlots);
         ++tick) {
        if (slot(tick).empty())
            continue;
        sleep_until(tick);
        break;
    }
    while (!due_.empty()) {
        auto& timer = due_.front();
        timer.unlink();
        auto self = timer.keep_alive();
        lock.unlock();
        if (self)
            timer.on_expired();
        self.reset();
        lock.lock();
    }
}

void TimerWheel::sleep_until(std::int64_t tick) {
    wake_ = 0;
    timer_->expires_at(time_of(tick));
    timer_->async_wait([this, wait = ++wait_](error_code error) {
        if (error)
            return;
        std::unique_lock lock(mutex_);
        if (wait == wait_ && timer_)
            turn(lock);
    });
    wake_ = tick;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
