// SPDX-License-Identifier: MIT
// Runs a handler on a clock that stands still while anything happens, and then jumps to what is
// next.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <exception>
#include <optional>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// The io_context of one run, whose sessions have this clock. The handler's own timers and threads
/// run in real time; the run waits for them when nothing else is due.
class JumpingClock {
public:
    using Time = std::chrono::nanoseconds;

    /// Since the start.
    Time now() const noexcept { return now_; }

protected:
    JumpingClock();
    ~JumpingClock() = default;

    asio::io_context& context() noexcept { return context_; }
    /// Runs until go_on() says no, or for so long in real time.
    void run_for(Time patience);
    /// Runs what is ready.
    void run_ready();
    /// A thread of the handler's may still be using the context: lets it end.
    void run_out();
    /// Sets the clock to what is due first, Asterisk's events before those of a session at the same
    /// time. Otherwise waits for what happens in real time; false if nothing will.
    bool pass_time();

private:
    using RealClock = std::chrono::steady_clock;

    /// Does whatever is next; false when nothing is.
    virtual bool go_on() = 0;
    /// Hands each side what the other one wrote; false when that was nothing.
    virtual bool move_bytes() = 0;
    /// How long until Asterisk's next event.
    virtual std::optional<Time> next_event() const = 0;
    virtual void advance(Time time) = 0;
    /// It left a completion handler.
    virtual void on_stray_exception(std::exception_ptr error) = 0;

    Time now_{};
    asio::io_context context_;
    RealClock::time_point give_up_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
