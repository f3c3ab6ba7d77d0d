// SPDX-License-Identifier: MIT
// What the loops of a server share: options, limits, handlers, the log, who may call.
#pragma once

#include "recording/recorder.hpp"
#include "server/counters.hpp"
#include "server/log_limiter.hpp"
#include "server/network.hpp"
#include "server/peer_table.hpp"
#include "session/session.hpp"

#include <costrix/agi/router.hpp>
#include <costrix/agi/server_options.hpp>

#include <spdlog/logger.h>

#include <cstddef>
#include <memory>

namespace costrix::agi::detail {

/// Outlives the server while calls run. Thread safety: any thread.
class ServerContext {
public:
    /// Throws std::invalid_argument for a wrong network, limit or recording option, and
    /// std::system_error when recordings cannot be written.
    explicit ServerContext(FastAGIServerOptions options);

    const FastAGIServerOptions& options() const noexcept { return options_; }
    const SessionLimits& limits() const noexcept { return limits_; }
    const AllowList& allow() const noexcept { return allow_; }
    Router& router() noexcept { return router_; }
    const Router& router() const noexcept { return router_; }
    /// Null without a limit on the sessions of a peer.
    PeerTable* peers() const noexcept { return peers_.get(); }
    const std::shared_ptr<spdlog::logger>& logger() const noexcept { return logger_; }
    /// Null when nothing is recorded.
    Recorder* recorder() const noexcept { return recorder_.get(); }
    /// Maximum number of concurrent sessions, without those of the busy handler.
    std::size_t max_sessions() const noexcept { return max_sessions_; }
    /// Maximum number of concurrent sessions of the busy handler; 0 without one.
    std::size_t max_busy_sessions() const noexcept { return max_busy_sessions_; }
    LogLimiter& limiter() const noexcept { return limiter_; }
    /// Counts what belongs to no loop.
    Counters& counters() const noexcept { return counters_; }

private:
    FastAGIServerOptions options_;
    SessionLimits limits_;
    AllowList allow_;
    std::shared_ptr<spdlog::logger> logger_;
    std::size_t max_sessions_;
    std::size_t max_busy_sessions_;
    mutable Counters counters_;
    mutable LogLimiter limiter_;
    std::unique_ptr<PeerTable> peers_;
    std::unique_ptr<Recorder> recorder_;
    Router router_;
};

}  // namespace costrix::agi::detail
