// SPDX-License-Identifier: MIT
// What a session reports to whoever runs it.
#pragma once

#include "dialogue/fault.hpp"

#include <costrix/agi/detail/config.hpp>

#include <exception>
#include <memory>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Runs a session: a Call, the blocking adapter, a test. Called on the session's executor.
class SessionOwner {
public:
    /// Shares ownership of the owner, and so of the session and its transport in it; null if it is
    /// being destroyed. Any thread.
    virtual std::shared_ptr<void> keep_alive() noexcept = 0;
    /// The environment is complete: the handler may begin.
    virtual void on_environment() = 0;
    /// A line was sent or read, without its LF; called only if Session::observe_lines() asks for
    /// it.
    virtual void on_line(bool sent, std::string_view line) = 0;
    /// The peer is at fault, or a time limit has passed; `why` says it in words. Before
    /// on_environment() this comes instead of it; afterwards the connection is closed, and the
    /// handler has its time to clean up.
    virtual void on_fault(Fault fault, std::string_view why) = 0;
    /// A time limit has passed, as on_fault() has said: cancel what the handler awaits. Repeated
    /// each second until Session::close(), since the handler may be in an operation that cannot be
    /// cancelled.
    virtual void on_overtime() = 0;
    /// An exception left a user's coroutine or completion handler that the session resumed.
    virtual void on_stray_exception(std::exception_ptr error) noexcept = 0;
    /// An exception left the call's observer.
    virtual void on_observer_exception(std::exception_ptr /*error*/) noexcept {}
    /// Asterisk closed the connection, or it broke; the session goes on without it. Once at most.
    virtual void on_disconnect() {}

protected:
    ~SessionOwner() = default;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
