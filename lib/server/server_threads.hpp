// SPDX-License-Identifier: MIT
// Running a server's loops: the threads, the signals, and how they end together.
#pragma once

#include "server/call_log.hpp"
#include "server/service_notifier.hpp"

#include <costrix/asio.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// A loop to be run, and how.
struct RunningLoop {
    asio::io_context& context;
    std::size_t threads;             ///< That run the context.
    asio::any_io_executor executor;  ///< Of the context: where it serves.
    std::function<asio::awaitable<std::optional<Drained>>()> serve;
    /// An exception has left a completion handler. Any thread.
    std::function<void(const std::exception_ptr&)> on_exception;
};

/// Runs each loop on threads of its own, of which this is the first, until the server's shutdown(),
/// and until all have drained. How they did, unless they were stopped.
///
/// `notifier`: what tells the service manager how the server is; null if none wants to know.
/// `signals`: the first SIGINT or SIGTERM calls `shutdown`, a second one stops at once. What a call
/// of this leaves in the contexts calls nothing any more. Throws what a loop's serve() throws, and
/// what starting threads does.
std::optional<Drained> run_loops(
    std::vector<RunningLoop> loops,
    bool signals,
    std::function<void()> shutdown,
    const std::shared_ptr<ServiceNotifier>& notifier = nullptr
);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
