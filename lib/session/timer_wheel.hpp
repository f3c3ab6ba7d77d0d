// SPDX-License-Identifier: MIT
// The deadlines of all sessions of an execution context, on one timer; and their clock.
#pragma once

#include "session/steady_time.hpp"

#include <costrix/asio.hpp>

#include <boost/intrusive/list.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// A deadline that can be armed; a base of what it belongs to.
class Timer : public boost::intrusive::list_base_hook<
                  boost::intrusive::tag<class TimerTag>,
                  boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
protected:
    ~Timer() = default;

private:
    friend class TimerWheel;
    /// Shares ownership of what this belongs to; null if that is being destroyed.
    virtual std::shared_ptr<void> keep_alive() noexcept = 0;
    /// The deadline has passed. Called on any thread, only to post. May arm again.
    virtual void on_expired() noexcept = 0;

    std::int64_t tick_ = 0;
};

/// A hashed timer wheel: arming and disarming are a few pointer writes.
///
/// A steady_timer raced against every reply halves the speed, and one per session still costs a
/// heap operation and now and then a system call for each command. Here a system call is made only
/// for a deadline that is earlier than all others.
///
/// It is also the clock of its context. A test that sets the time turns the wheel by hand.
///
/// Visible outside of a shared library, for the test kit.
class __attribute__((visibility("default"))) TimerWheel final
    : public asio::execution_context::service {
public:
    using key_type = TimerWheel;
    using Clock = std::chrono::steady_clock;
    static inline asio::execution_context::id id;
    /// How late a deadline may be noticed.
    static constexpr auto kTick = std::chrono::milliseconds(10);

    explicit TimerWheel(asio::execution_context& context)
        : asio::execution_context::service(context) {}

    /// Announces somebody who will arm a timer.
    void enter();
    /// Arms, or arms anew. `executor` belongs to this context; the wheel turns on it.
    void arm(Timer& timer, Clock::time_point deadline, const asio::any_io_executor& executor);
    /// Disarms. The system's timer stays as it is, since another one is armed soon.
    void disarm(Timer& timer) noexcept;
    /// Disarms for good. When the last one leaves, the system's timer is destroyed, so that an
    /// unused wheel keeps no work in its context.
    void leave(Timer& timer) noexcept;

    /// The time by which deadlines are measured: steady_clock's, unless a test has set it.
    Clock::time_point now() const noexcept { return manual_ ? *manual_ : steady_time(); }
    /// Whether a test has set it.
    bool stopped() const noexcept { return manual_.has_value(); }
    /// For tests, on one thread and before anything is armed: stops the clock at this time.
    void set_time(Clock::time_point now) noexcept { manual_ = now; }
    /// With a stopped clock: when something falls due; nullopt if nothing is armed.
    std::optional<Clock::time_point> next();
    /// With a stopped clock: lets what is due expire.
    void turn_by_hand();

private:
    static constexpr std::size_t kSlots = 512;
    using Timers = boost::intrusive::list<
        Timer,
        boost::intrusive::base_hook<Timer>,
        boost::intrusive::constant_time_size<false>>;

    void shutdown() override;
    Timers& slot(std::int64_t tick) noexcept {
        return slots_[static_cast<std::size_t>(tick) % kSlots];
    }
    void turn(std::unique_lock<std::mutex>& lock);
    void sleep_until(std::int64_t tick);

    std::mutex mutex_;  // of all that follows
    std::array<Timers, kSlots> slots_;
    Timers due_;  // expired, and not yet told
    std::size_t users_ = 0;
    std::int64_t turned_ = 0;  // all ticks up to this one have been looked at
    std::int64_t wake_ = 0;    // when the system's timer goes off; 0 if it is not set
    std::uint64_t wait_ = 0;   // tells the present wait from those given up
    std::optional<asio::steady_timer> timer_;
    std::optional<Clock::time_point> manual_;  // the time, if a test sets it
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
