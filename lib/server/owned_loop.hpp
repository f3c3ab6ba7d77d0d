// SPDX-License-Identifier: MIT
// A server's loop with the io_context that it runs on.
#pragma once

#include "server/server_loop.hpp"

#include <costrix/asio.hpp>

#include <memory>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// A loop, and the io_context that it runs on; null on the user's executor.
struct OwnedLoop {
    std::unique_ptr<asio::io_context> context;
    std::shared_ptr<ServerLoop> loop;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
