// SPDX-License-Identifier: MIT
// What all loops of a server go by: options, limits, who may call. It does not change, the log and
// the table of peers aside.
#pragma once

#include "recording/recorder.hpp"
#include "server/log_limiter.hpp"
#include "server/network.hpp"
#include "session/session.hpp"

#include <costrix/agi/server_options.hpp>

#include <asio/ip/address.hpp>
#include <spdlog/logger.h>

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

namespace costrix::agi::detail {

/// Sessions of each peer address. Any thread: a lock for each connection, when there is a limit.
class PeerTable {
public:
    explicit PeerTable(std::size_t most) : most_(most) {}

    /// Counts one more; false when the peer has as many as it may.
    bool enter(const asio::ip::address& peer);
    void leave(const asio::ip::address& peer) noexcept;

private:
    std::size_t most_;
    std::mutex mutex_;
    std::map<asio::ip::address, std::size_t> peers_;
};

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
    /// Null when nothing is recorded.
    Recorder* recorder() const noexcept { return recorder_.get(); }
    /// Most sessions at once, those of `busy` aside.
    std::size_t max_sessions() const noexcept { return max_sessions_; }

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
    std::unique_ptr<LogLimiter> limiter_ = std::make_unique<LogLimiter>();
    std::unique_ptr<PeerTable> peers_;
    std::unique_ptr<Recorder> recorder_;
};

}  // namespace costrix::agi::detail
