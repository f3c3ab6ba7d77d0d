// SPDX-License-Identifier: MIT
// All deadlines of an execution context on one timer.
#pragma once

#include "transport/reserved_memory.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/execution_context.hpp>
#include <asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace costrix::agi::detail {

/// A deadline that can be armed; lives in what it belongs to.
class Timer {
public:
    using Clock = std::chrono::steady_clock;

    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

protected:
    ~Timer() = default;

private:
    friend class TimerWheel;
    /// Keeps what this lives in alive; null when that is being destroyed.
    virtual std::shared_ptr<void> keep_alive() noexcept = 0;
    /// The deadline has passed. Called on any thread, only to post. False when there was no memory
    /// for that; then it is called again.
    virtual bool on_expired() noexcept = 0;

    Timer* next_ = nullptr;
    Timer** link_ = nullptr;  // what points here; null when not armed
    std::int64_t tick_ = 0;
};

/// A hashed timer wheel: arming and disarming are a few pointer writes.
///
/// A steady_timer raced against every reply halves the speed, and one for each session still costs
/// a heap operation and now and then a system call for each command. Here a system call is made
/// only when a deadline is earlier than all others.
///
/// It is also the clock of its context: what arms a timer asks it for the time. A test that sets
/// the time itself has the wheel stand still until it is told to turn.
class TimerWheel final : public asio::execution_context::service {
public:
    using key_type = TimerWheel;
    using Clock = Timer::Clock;
    static inline asio::execution_context::id id;
    /// How late a deadline may be noticed.
    static constexpr auto kTick = std::chrono::milliseconds(10);

    explicit TimerWheel(asio::execution_context& context)
        : asio::execution_context::service(context) {}

    /// One who will arm timers has come.
    void enter();
    /// Arms, or arms anew. `executor` is of this context; the wheel turns on it.
    void arm(Timer& timer, Clock::time_point deadline, const asio::any_io_executor& executor);
    /// Disarms. The system's timer stays as it is, since there is another to arm soon.
    void disarm(Timer& timer);
    /// Disarms for good: with the last one the system's timer goes, so that a wheel that nobody
    /// uses keeps no work in its context.
    void leave(Timer& timer);

    /// The time that deadlines are measured by: steady_clock's, unless a test has set it.
    Clock::time_point now() const noexcept { return manual_ ? *manual_ : Clock::now(); }
    /// For tests, before anything is armed and on one thread: the time is what it was last set to.
    void set_time(Clock::time_point now) noexcept { manual_ = now; }
    /// With a time that was set: when something falls due; nothing when nothing is armed.
    std::optional<Clock::time_point> next();
    /// With a time that was set: lets expire what has fallen due.
    void turn_by_hand();

private:
    static constexpr std::size_t kSlots = 512;

    void shutdown() override;
    void link(Timer& timer) noexcept;
    void link(Timer& timer, Timer*& head) noexcept;
    void unlink(Timer& timer) noexcept;
    void take_due(std::size_t slot, std::int64_t now) noexcept;
    void turn(std::unique_lock<std::mutex>& lock);
    void tell_due(std::unique_lock<std::mutex>& lock) noexcept;
    void sleep_until(std::int64_t tick);
    std::int64_t next_tick(std::int64_t now) const noexcept;

    ReservedMemory memory_;  // of the wait
    std::mutex mutex_;       // of all that follows
    std::array<Timer*, kSlots> slots_{};
    Timer* due_ = nullptr;  // what has expired and was not told yet
    std::size_t users_ = 0;
    std::size_t armed_ = 0;
    std::int64_t turned_ = 0;  // all ticks up to this one have been looked at
    std::int64_t wake_ = 0;    // when the timer goes off; 0 when it is not set
    std::uint64_t wait_ = 0;   // tells the present wait from those given up
    std::optional<asio::steady_timer> timer_;
    std::optional<Clock::time_point> manual_;  // the time, where a test sets it
};

}  // namespace costrix::agi::detail
