// SPDX-License-Identifier: MIT
// Running a server's loops: the threads, the signals, and how they end together.
#pragma once

#include "server/server_loop.hpp"

#include <costrix/asio.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// A loop, and the io_context that it runs on; null on the user's executor.
struct OwnedLoop {
    std::unique_ptr<asio::io_context> context;
    std::shared_ptr<ServerLoop> loop;
};

/// Runs each loop on a thread of its own, the first one on this, until the server's shutdown(), and
/// until all have drained.
///
/// `signals`: the first SIGINT or SIGTERM calls `shutdown`, a second one stops at once. What a call
/// of this leaves in the contexts refers to `loops`. Throws what a loop's serve() throws, and what
/// starting threads does.
void run_loops(const std::vector<OwnedLoop>& loops, bool signals, std::function<void()> shutdown);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
