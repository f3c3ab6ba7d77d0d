// SPDX-License-Identifier: MIT
// What a server counts and logs: every counter, level and wording.
#pragma once

#include "call/call.hpp"
#include "server/counters.hpp"
#include "server/server_context.hpp"

#include <costrix/asio.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// What became of the sessions after shutdown().
struct Drained {
    std::size_t finished = 0, cancelled = 0, abandoned = 0;
};

/// Counts and logs what happens to a loop; made where it is needed.
class ServerLog {
public:
    ServerLog(const ServerContext& context, Counters& counters)
        : context_(context), counters_(counters) {}

    /// `allowed`: it may call, but has too many sessions.
    void refused_peer(const asio::ip::address& peer, bool allowed) const;
    /// There are `sessions`, as many as allowed: new calls are refused from now on.
    void overload(std::size_t sessions) const;
    void end_of_overload(std::size_t sessions) const;
    /// `error` left a completion handler.
    void loop_exception(const std::exception_ptr& error) const;
    /// The router gave up on a pattern.
    void regex_error(std::string_view what) const;
    void drained(const Drained& drained) const;

protected:
    /// Logs what the counter `kind` counts, at a limited rate.
    template <class... Args>
    void
    log(Counter kind,
        spdlog::level::level_enum level,
        spdlog::format_string_t<Args...> text,
        Args&&... args) const {
        auto& logger = *context_.logger;
        if (!logger.should_log(level))
            return;
        const auto left_out = context_.limiter.admit(kind);
        if (!left_out)
            return;
        if (*left_out > 0)
            logger.log(level, "{} lines like the next one were left out", *left_out);
        logger.log(level, text, std::forward<Args>(args)...);
    }

    const ServerContext& context_;
    Counters& counters_;
};

/// The same for one call.
class CallLog : private ServerLog {
public:
    CallLog(const ServerLog& log, const Call& call) : ServerLog(log), call_(call) {}

    /// One line of the wire, at trace.
    void line(bool sent, std::string_view line) const;
    /// Its connection is closed, for this reason.
    void closed(
        Counter reason,
        std::string_view why,
        spdlog::level::level_enum level = spdlog::level::warn
    ) const;
    void fault(Fault fault, std::string_view why) const noexcept;
    void stray_exception(const std::exception_ptr& error) const;
    void end(const CallEnd& end, std::chrono::steady_clock::duration took) const noexcept;

private:
    void threw(Counter kind, const std::string& what) const;
    std::string name() const;

    const Call& call_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
