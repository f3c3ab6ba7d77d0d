// SPDX-License-Identifier: MIT
// Runs one handler to its end against a Peer, on a clock that is set forward.
#pragma once

#include "testing/peer.hpp"

#include <costrix/asio.hpp>
#include <costrix/testing/call_flow.hpp>

#include <chrono>
#include <exception>
#include <memory>

namespace costrix::inline COSTRIX_ABI::testing::detail {

class HandlerRun;

/// One run. The clock stands still while anybody has something to do; then it is set to whatever
/// falls due first, the peer's or the session's. What the handler does with timers and threads of
/// its own happens in real time, and is waited for when nothing falls due.
class CallRunner {
public:
    using Time = std::chrono::nanoseconds;

    /// `patience`: how long a run may take in real time.
    CallRunner(Peer& peer, const CallFlow& flow, Time patience);
    ~CallRunner();

    /// False when the handler did not end.
    bool run();

    /// Since the start.
    Time now() const noexcept { return now_; }
    /// Whether there was a handler for the call.
    bool begun() const noexcept;
    /// What left the handler, or why there is none; null for a normal end, a hangup included.
    std::exception_ptr error() const;
    /// Before the handler's end.
    bool hung_up() const noexcept { return hung_up_; }

private:
    using RealClock = std::chrono::steady_clock;

    void run_ready();
    void run_out();
    bool go_on();
    bool move_bytes();
    bool pass_time();
    bool wait_in_real_time();

    Peer& peer_;
    Time patience_;
    Time now_{};
    asio::io_context context_;
    std::shared_ptr<HandlerRun> handler_;
    RealClock::time_point give_up_;
    bool hung_up_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
