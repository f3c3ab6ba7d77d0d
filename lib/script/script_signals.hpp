// SPDX-License-Identifier: MIT
// Signals in an AGI script: SIGHUP is the caller's hangup, SIGPIPE is ignored.
#pragma once

#include <costrix/asio.hpp>

#include <functional>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Handles SIGHUP and SIGPIPE. There may be one at a time in a process.
///
/// Both signal handlers stay installed when this is destroyed, and then do nothing: a hangup
/// between the script's end and the process's must not kill it, since its exit status becomes
/// AGISTATUS. They are handlers rather than SIG_IGN, so that programs which the script starts get
/// the defaults. They restart interrupted system calls.
///
/// Asio's signal_set reports a signal only when the loop gets to it, so an end of file could be
/// seen before the SIGHUP that preceded it.
class ScriptSignals {
public:
    /// Calls `on_hangup` on the executor, once. Throws std::logic_error when there is another one.
    ScriptSignals(const asio::any_io_executor& executor, std::function<void()> on_hangup);
    ~ScriptSignals();
    ScriptSignals(const ScriptSignals&) = delete;
    ScriptSignals& operator=(const ScriptSignals&) = delete;

    /// Calls `on_hangup` now if SIGHUP has come and it has not been called yet.
    void deliver();
    /// Stops waiting for signals.
    void stop() noexcept;

private:
    /// Enforces that there is only one.
    struct Claim {
        Claim();
        ~Claim();
    };

    Claim claim_;
    asio::posix::stream_descriptor event_;  // a duplicate of the process's own
    std::function<void()> on_hangup_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
