// SPDX-License-Identifier: MIT
// Runs one handler to its end against a Peer, on a clock that is set forward.
#pragma once

#include "testing/jumping_clock.hpp"
#include "testing/memory_audio.hpp"
#include "testing/peer.hpp"

#include <costrix/asio.hpp>
#include <costrix/testing/call_flow.hpp>

#include <exception>
#include <memory>
#include <optional>

namespace costrix::inline COSTRIX_ABI::testing::detail {

class HandlerRun;

/// One run.
class CallRunner final : public JumpingClock {
public:
    /// `patience`: how long a run may take in real time.
    CallRunner(Peer& peer, const CallFlow& flow, Time patience);
    ~CallRunner();

    /// False if the handler did not end.
    bool run();

    /// Whether there was a handler for the call.
    bool begun() const noexcept;
    /// The handler's exception, or why there is no handler; null for a normal end or a hangup.
    std::exception_ptr error() const;
    /// Before the handler's end.
    bool hung_up() const noexcept { return hung_up_; }

private:
    bool go_on() override;
    bool move_bytes() override;
    std::optional<Time> next_event() const override;
    void advance(Time time) override { peer_.advance(time); }
    void on_stray_exception(std::exception_ptr error) override;

    Peer& peer_;
    Time patience_;
    MemoryAudio audio_;
    std::shared_ptr<HandlerRun> handler_;
    bool hung_up_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
