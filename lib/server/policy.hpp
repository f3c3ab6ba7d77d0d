// SPDX-License-Identifier: MIT
// What all loops of a server go by: options, limits, who may call. It does not change, the log and
// the table of peers aside.
#pragma once

#include "recording/recorder.hpp"
#include "server/log_limiter.hpp"
#include "server/network.hpp"
#include "server/peer_table.hpp"
#include "session/session.hpp"

#include <costrix/agi/server_options.hpp>

#include <spdlog/logger.h>

#include <cstddef>
#include <memory>

namespace costrix::agi::detail {

/// Shared by the loops of a server. Any thread.
class Policy {
public:
    /// Throws std::invalid_argument for a wrong network, a wrong limit or a wrong wish to record,
    /// std::system_error when recordings cannot be written.
    explicit Policy(FastAGIServerOptions options);

    const FastAGIServerOptions& options() const noexcept { return options_; }
    const SessionLimits& limits() const noexcept { return limits_; }
    const AllowList& allow() const noexcept { return allow_; }
    /// Null when there is no limit for each peer.
    PeerTable* peers() const noexcept { return peers_.get(); }
    spdlog::logger& logger() const noexcept { return *logger_; }
    const std::shared_ptr<spdlog::logger>& shared_logger() const noexcept { return logger_; }
    /// Null when nothing is recorded.
    Recorder* recorder() const noexcept { return recorder_.get(); }
    /// Most sessions at once, those of `busy` aside.
    std::size_t max_sessions() const noexcept { return max_sessions_; }
    /// Most sessions of `busy` at once; 0 without it.
    std::size_t max_busy_sessions() const noexcept { return max_busy_sessions_; }

    /// Logs what the counter `kind` counts, but not for ever.
    template <class... Args>
    void
    log(Counter kind,
        spdlog::level::level_enum level,
        spdlog::format_string_t<Args...> text,
        Args&&... args) const {
        if (!logger_->should_log(level))
            return;
        const auto left_out = limiter_->admit(kind);
        if (!left_out)
            return;
        if (*left_out > 0)
            logger_->log(level, "{} lines like the next one were left out", *left_out);
        logger_->log(level, text, std::forward<Args>(args)...);
    }

private:
    FastAGIServerOptions options_;
    SessionLimits limits_;
    AllowList allow_;
    std::shared_ptr<spdlog::logger> logger_;
    std::size_t max_sessions_;
    std::size_t max_busy_sessions_;
    std::unique_ptr<LogLimiter> limiter_ = std::make_unique<LogLimiter>();
    std::unique_ptr<PeerTable> peers_;
    std::unique_ptr<Recorder> recorder_;
};

}  // namespace costrix::agi::detail
