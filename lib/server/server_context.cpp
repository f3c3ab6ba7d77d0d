// SPDX-License-Identifier: MIT
// The limits that follow from a server's options.
#include "server/server_context.hpp"

#include "recording/recorder.hpp"
#include "server/call_log.hpp"
#include "server/json_log.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

SessionLimits limits_of(const FastAGIServerOptions& options) {
    return {
        .environment =
            {.lines = options.max_environment_lines,
             .line_bytes = options.max_environment_line,
             .bytes = options.max_environment},
        .reply_bytes = options.max_reply,
        .reply_line_bytes = options.max_reply_line,
        .junk_lines = options.max_junk_lines,
        .backlog_bytes = options.max_write_backlog,
        .environment_time = options.environment_timeout,
        .session_time = options.session_timeout,
        .after_hangup_time = options.after_hangup_timeout,
        .channel_check_interval = options.channel_check_interval,
    };
}

/// The sum of two such limits does not overflow.
constexpr auto kNoLimit = std::numeric_limits<std::size_t>::max() / 2;

std::size_t busy_sessions_of(const FastAGIServerOptions& options) {
    return options.busy ? std::min(options.max_busy_sessions, kNoLimit) : 0;
}

/// Without a limit of its own, a server would run into the limit of open files, where it could only
/// let callers wait.
std::size_t sessions_of(const FastAGIServerOptions& options) {
    if (options.max_sessions)
        return std::min(*options.max_sessions, kNoLimit);
    constexpr rlim_t kOthers = 64;  // descriptors for the rest of the program
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY)
        return kNoLimit;
    const auto taken = kOthers + busy_sessions_of(options);
    return std::max<std::size_t>(files.rlim_cur - std::min(files.rlim_cur, taken), 16);
}

}  // namespace

ServerContext::ServerContext(FastAGIServerOptions server_options)
    : options(std::move(server_options)), limits(limits_of(options)), allow(options.allow),
      proxies(options.proxy_protocol_from),
      logger(options.logger ? options.logger : spdlog::default_logger()),
      messages(options.log_format == LogFormat::json ? json_logger(logger) : logger),
      max_sessions(sessions_of(options)), max_busy_sessions(busy_sessions_of(options)),
      peers(options.max_sessions_per_peer),
      router([this](std::string_view what) { ServerLog(*this, counters).regex_error(what); }) {
    if (max_sessions == 0)
        throw std::invalid_argument("max_sessions: must be at least 1");
    if (options.max_sessions_per_peer == 0U)
        throw std::invalid_argument("max_sessions_per_peer: must be at least 1");
    observer = options.observer;
    if (options.record)
        observer = observe_all({observer, std::make_shared<Recorder>(*options.record, messages)});
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
