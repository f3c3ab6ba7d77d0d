// SPDX-License-Identifier: MIT
// What the loops of a server share: options, limits, handlers, the log, who may call.
#pragma once

#include "server/allow_list.hpp"
#include "server/counters.hpp"
#include "server/log_limiter.hpp"
#include "server/peer_table.hpp"
#include "server/trusted_proxies.hpp"
#include "session/session.hpp"

#include <costrix/agi/observer.hpp>
#include <costrix/agi/router.hpp>
#include <costrix/agi/server_options.hpp>

#include <spdlog/logger.h>

#include <cstddef>
#include <memory>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Outlives the server while calls run. Thread safety: any thread.
struct ServerContext {
    /// Throws std::invalid_argument for a wrong network, limit or recording option, and
    /// std::system_error when recordings cannot be written.
    explicit ServerContext(FastAGIServerOptions server_options);

    const FastAGIServerOptions options;
    const SessionLimits limits;
    const AllowList allow;
    const TrustedProxies proxies;
    const std::shared_ptr<spdlog::logger> logger;
    /// The same, for messages about no call: makes JSON of them if the options want that.
    const std::shared_ptr<spdlog::logger> messages;
    /// Maximum number of concurrent sessions, without those of the busy handler.
    const std::size_t max_sessions;
    /// Maximum number of concurrent sessions of the busy handler; 0 without one.
    const std::size_t max_busy_sessions;
    mutable Counters counters;  ///< Of what belongs to no loop.
    mutable LogLimiter limiter;
    mutable PeerTable peers;
    std::shared_ptr<Observer> observer;  ///< The options', and the recorder; null if nobody is.
    Router router;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
