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

/// One run. The clock stands still while either side has something to do; then it is set to the
/// next event, the peer's or the session's. The handler's own timers and threads run in real time;
/// the run waits for them when there is no next event.
class CallRunner {
public:
    using Time = std::chrono::nanoseconds;

    /// `patience`: how long a run may take in real time.
    CallRunner(Peer& peer, const CallFlow& flow, Time patience);
    ~CallRunner();

    /// False if the handler did not end.
    bool run();

    /// Since the start.
    Time now() const noexcept { return now_; }
    /// Whether there was a handler for the call.
    bool begun() const noexcept;
    /// The handler's exception, or why there is no handler; null for a normal end or a hangup.
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
