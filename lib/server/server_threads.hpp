// SPDX-License-Identifier: MIT
// Running a server's loops: the threads, the signals, and how they end together.
#pragma once

#include "server/owned_loop.hpp"
#include "server/service_notifier.hpp"

#include <costrix/asio.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Runs each loop on a thread of its own, the first one on this, until the server's shutdown(), and
/// until all have drained.
///
/// `notifier`: what tells the service manager how the server is; null if none wants to know.
/// `signals`: the first SIGINT or SIGTERM calls `shutdown`, a second one stops at once. What a call
/// of this leaves in the contexts refers to `loops`. Throws what a loop's serve() throws, and what
/// starting threads does.
void run_loops(
    const std::vector<OwnedLoop>& loops,
    bool signals,
    std::function<void()> shutdown,
    const std::shared_ptr<ServiceNotifier>& notifier
);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
