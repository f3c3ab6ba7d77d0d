// SPDX-License-Identifier: MIT
// What a server counts, logs and reports: every counter, level and wording.
#pragma once

#include "call/call.hpp"
#include "server/counters.hpp"
#include "server/json_log.hpp"
#include "server/server_context.hpp"

#include <costrix/asio.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// What became of the sessions after shutdown().
struct Drained {
    std::size_t finished = 0, cancelled = 0, abandoned = 0;
};

/// Counts and logs what happens to a loop, and tells its observer; made where it is needed.
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
    /// Only for Options::observer: a call was refused.
    void refused(const Refusal& refusal) const noexcept;
    /// The loop stops accepting calls, and has so many.
    void drain(std::size_t sessions) const noexcept;
    void observer_exception(const std::exception_ptr& error) const noexcept;

protected:
    /// Logs what the counter `kind` counts, at a limited rate.
    template <class... Args>
    void
    log(Counter kind,
        spdlog::level::level_enum level,
        spdlog::format_string_t<Args...> text,
        Args&&... args) const {
        if (admit(kind, level))
            context_.messages->log(level, text, std::forward<Args>(args)...);
    }
    /// Whether to log what `kind` counts; says how many lines were left out.
    bool admit(Counter kind, spdlog::level::level_enum level) const;

    template <class Function>
    void tell(Function function) const noexcept {
        if (!context_.observer)
            return;
        try {
            function(*context_.observer);
        } catch (...) {
            observer_exception(std::current_exception());
        }
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
    void end(const CallEnd& end) const noexcept;

private:
    void threw(Counter kind, const std::string& what) const;
    void write(
        spdlog::level::level_enum level,
        std::string_view message,
        std::string_view separator = ": "
    ) const;
    std::string name() const;
    JsonLine json(std::string_view message) const;
    std::string_view linked_id() const noexcept;
    std::string_view trace_id() const noexcept;

    const Call& call_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
