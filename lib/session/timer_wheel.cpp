// SPDX-License-Identifier: MIT
// All deadlines of an execution context on one timer.
#include "session/timer_wheel.hpp"

#include "transport/without_strand.hpp"

#include <algorithm>

namespace costrix::agi::detail {
namespace {

Timer::Clock::time_point time_of(std::int64_t tick) noexcept {
    return Timer::Clock::time_point(tick * TimerWheel::kTick);
}

std::int64_t tick_of(Timer::Clock::time_point time) noexcept {
    return time.time_since_epoch() / TimerWheel::kTick;
}

/// The first tick that is not before `time`, or the clock's last.
std::int64_t tick_after(Timer::Clock::time_point time) noexcept {
    constexpr auto kLast = Timer::Clock::time_point::max() - TimerWheel::kTick;
    const auto tick = tick_of(std::min(time, kLast));
    return time_of(tick) < std::min(time, kLast) ? tick + 1 : tick;
}

}  // namespace

void TimerWheel::enter() {
    std::lock_guard lock(mutex_);
    ++users_;
}

void TimerWheel::arm(
    Timer& timer,
    Clock::time_point deadline,
    const asio::any_io_executor& executor
) {
    std::lock_guard lock(mutex_);
    if (timer.link_)
        unlink(timer);
    if (armed_ == 0)
        turned_ = tick_of(now());
    timer.tick_ = std::max(tick_after(deadline), turned_ + 1);  // never early
    link(timer);
    if (manual_)
        return;
    if (!timer_)
        timer_.emplace(without_strand(executor));
    if (wake_ == 0 || timer.tick_ < wake_)
        sleep_until(timer.tick_);
}

void TimerWheel::disarm(Timer& timer) {
    std::lock_guard lock(mutex_);
    if (timer.link_)
        unlink(timer);
}

void TimerWheel::leave(Timer& timer) {
    std::lock_guard lock(mutex_);
    if (timer.link_)
        unlink(timer);
    if (--users_ == 0 && timer_) {
        wake_ = 0;
        timer_.reset();
    }
}

std::optional<TimerWheel::Clock::time_point> TimerWheel::next() {
    std::lock_guard lock(mutex_);
    std::optional<std::int64_t> first;
    for (const Timer* timer : slots_) {
        for (; timer; timer = timer->next_)
            first = std::min(timer->tick_, first.value_or(timer->tick_));
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

void TimerWheel::link(Timer& timer) noexcept {
    link(timer, slots_[static_cast<std::size_t>(timer.tick_) % kSlots]);
}

void TimerWheel::link(Timer& timer, Timer*& head) noexcept {
    timer.next_ = head;
    timer.link_ = &head;
    if (head)
        head->link_ = &timer.next_;
    head = &timer;
    ++armed_;
}

void TimerWheel::unlink(Timer& timer) noexcept {
    *timer.link_ = timer.next_;
    if (timer.next_)
        timer.next_->link_ = timer.link_;
    timer.next_ = nullptr;
    timer.link_ = nullptr;
    --armed_;
}

void TimerWheel::take_due(std::size_t slot, std::int64_t now) noexcept {
    for (Timer* timer = slots_[slot]; timer;) {
        Timer* const next = timer->next_;
        if (timer->tick_ <= now) {
            unlink(*timer);
            link(*timer, due_);
        }
        timer = next;
    }
}

/// Tells each without the lock: with that, the last reference to it may go, and it leaves the
/// wheel.
void TimerWheel::tell_due(std::unique_lock<std::mutex>& lock) noexcept {
    while (Timer* const timer = due_) {
        unlink(*timer);
        auto self = timer->keep_alive();
        lock.unlock();
        if (self && !timer->on_expired()) {
            lock.lock();
            if (!timer->link_) {
                timer->tick_ = turned_ + 1;
                link(*timer);
            }
            lock.unlock();
        }
        self.reset();
        lock.lock();
    }
}

void TimerWheel::turn(std::unique_lock<std::mutex>& lock) {
    const auto present = tick_of(now());
    const auto first = std::max(turned_ + 1, present - static_cast<std::int64_t>(kSlots) + 1);
    for (auto tick = first; tick <= present; ++tick)
        take_due(static_cast<std::size_t>(tick) % kSlots, present);
    turned_ = present;
    wake_ = 0;
    tell_due(lock);
    if (armed_ > 0 && !manual_ && timer_)
        sleep_until(next_tick(present));
}

/// The next slot that holds anything: due then, or a turn of the wheel later.
std::int64_t TimerWheel::next_tick(std::int64_t now) const noexcept {
    auto tick = now + 1;
    while (!slots_[static_cast<std::size_t>(tick) % kSlots])
        ++tick;
    return tick;
}

void TimerWheel::sleep_until(std::int64_t tick) {
    wake_ = 0;
    timer_->expires_at(time_of(tick));
    timer_->async_wait(Reserved(memory_, [this, wait = ++wait_](std::error_code error) {
        if (error)
            return;
        std::unique_lock lock(mutex_);
        if (wait == wait_ && timer_)
            turn(lock);
    }));
    wake_ = tick;
}

}  // namespace costrix::agi::detail
