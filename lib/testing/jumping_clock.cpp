// SPDX-License-Identifier: MIT
// Runs a handler on a clock that stands still while anything happens, and then jumps to what is
// next.
#include "testing/jumping_clock.hpp"

#include "session/timer_wheel.hpp"

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::testing::detail {
namespace {

using agi::detail::TimerWheel;

/// Any time that no deadline can lie before.
constexpr TimerWheel::Clock::time_point kStart{std::chrono::hours(1)};
/// How long the work that a handler leaves behind may go on, in real time.
constexpr std::chrono::milliseconds kLetGo{100};

}  // namespace

JumpingClock::JumpingClock() {
    asio::use_service<TimerWheel>(context_).set_time(kStart);
}

void JumpingClock::run_for(Time patience) {
    give_up_ = RealClock::now() + patience;
    do {
        run_ready();
    } while (go_on() && RealClock::now() < give_up_);
}

void JumpingClock::run_out() {
    context_.restart();
    context_.run_for(kLetGo);
}

void JumpingClock::run_ready() {
    while (true) {
        context_.restart();
        try {
            context_.poll();
            return;
        } catch (...) {
            on_stray_exception(std::current_exception());
        }
    }
}

bool JumpingClock::pass_time() {
    auto& wheel = asio::use_service<TimerWheel>(context_);
    auto next = next_event().value_or(Time::max());
    if (const auto due = wheel.next())
        next = std::min(next, std::max(Time(*due - wheel.now()), Time()));
    if (next == Time::max()) {
        context_.restart();
        return context_.run_one_until(give_up_) > 0;
    }
    now_ += next;
    wheel.set_time(kStart + now_);
    advance(next);
    if (move_bytes())
        run_ready();
    wheel.turn_by_hand();
    return true;
}

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
