// SPDX-License-Identifier: MIT
// What signals mean in an AGI script: SIGHUP is the caller's hangup, SIGPIPE is nothing.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include <functional>

namespace costrix::agi::detail {

/// Handles SIGHUP and SIGPIPE. There may be one at a time in a process.
///
/// Both handlers stay when this goes, and do nothing then: a hangup between the end of the script
/// and the end of the process must not kill it, since its exit status becomes AGISTATUS. They are
/// handlers and not SIG_IGN, so that programs which the script starts have the defaults again.
/// System calls of the handler's own are restarted after them.
///
/// Asio's signal_set would do, but tells of a signal when the loop comes to it: of an end of file
/// and the SIGHUP before it, the end of file may then be seen first.
class ScriptSignals {
public:
    /// `on_hangup` is called on the executor, once. Throws std::logic_error when there is another.
    ScriptSignals(const asio::any_io_executor& executor, std::function<void()> on_hangup);
    ~ScriptSignals();
    ScriptSignals(const ScriptSignals&) = delete;
    ScriptSignals& operator=(const ScriptSignals&) = delete;

    /// Calls `on_hangup` now if SIGHUP has come and it was not called for it yet.
    void deliver();
    /// Ends the wait for signals.
    void stop() noexcept;

private:
    /// The right to be the one.
    struct Claim {
        Claim();
        ~Claim();
    };

    Claim claim_;
    asio::posix::stream_descriptor event_;  // a duplicate of the process's own
    std::function<void()> on_hangup_;
};

}  // namespace costrix::agi::detail
