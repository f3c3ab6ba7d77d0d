// SPDX-License-Identifier: MIT
// What AGI and its templates need of the session behind them.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/detail/command_watcher.hpp>
#include <costrix/agi/detail/operation.hpp>
#include <costrix/agi/protocol/environment.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi {
struct AudioEvent;
struct AudioLineCounters;
}

namespace costrix::inline COSTRIX_ABI::agi::detail {

class Talk;

/// A session, as AGI sees it. Used on its executor only.
///
/// No completion is called before the function that was given the operation returns. If such a
/// function throws, the operation is not in the session and must be dropped.
class SessionInterface {
public:
    virtual const asio::any_io_executor& get_executor() const noexcept = 0;
    /// The address at which Asterisk reached us; unspecified where that is no Internet socket.
    virtual asio::ip::address local_address() const = 0;
    virtual const Environment& environment() const noexcept = 0;
    virtual bool hung_up() const noexcept = 0;
    /// How the call ended; End::replied while it lives.
    virtual End hangup() const noexcept = 0;
    virtual void allow_after_hangup() noexcept = 0;
    /// The clock by which deadlines are measured.
    virtual Deadline now() const noexcept = 0;

    /// An empty command line with the session's length limit and its spare memory.
    virtual CommandLine new_line() = 0;
    /// Ends a line; false if it cannot be sent. A coroutine that keeps retrying such a line after
    /// its call has ended gets true: submit() destroys it.
    virtual bool finish_line(CommandLine& line) = 0;
    /// Takes the memory of a line back for the next one.
    virtual void recycle_line(std::string&& line) noexcept = 0;

    /// An identity for cancel(), never 0.
    virtual std::uint64_t next_id() noexcept = 0;
    /// Sends the operation's command, or queues it.
    virtual void submit(Operation& operation) = 0;
    /// Completes the operation when the call is over.
    virtual void wait_hangup(Operation& operation) = 0;
    /// Completes the operation at its deadline.
    virtual void sleep(Operation& operation) = 0;
    /// Fails the operation with the end of a call that is over.
    virtual void refuse(Operation& operation) = 0;
    /// Cancels the operation with this id, if it is still pending.
    virtual void cancel(std::uint64_t id, asio::cancellation_type type) = 0;
    /// The one that sees this session's commands; empty for none.
    virtual std::weak_ptr<CommandWatcher>& watcher() noexcept = 0;

    /// Tells the call's observer that an audio line has opened, or ended with these counters.
    virtual void tell_audio(const AudioLineCounters* /*closed*/) noexcept {}
    /// The number of a new audio line whose events the observer wants; 0 if it wants none.
    virtual std::uint64_t observe_audio() noexcept { return 0; }
    virtual void tell_audio_event(const AudioEvent& /*event*/) noexcept {}

protected:
    ~SessionInterface() = default;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
