// SPDX-License-Identifier: MIT
// The listening sockets of an event loop: those that the options name, or those of the user's.
#pragma once

#include "server/acceptor.hpp"
#include "server/counters.hpp"
#include "server/listener.hpp"
#include "server/server_context.hpp"

#include <costrix/asio.hpp>

#include <memory>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

using Listeners = std::vector<std::shared_ptr<Listener>>;

/// Serves `acceptors`, or listens where the options say if there are none. Throws
/// std::system_error when it cannot.
Listeners open_listeners(
    const asio::any_io_executor& executor,
    const ServerContext& context,
    const std::shared_ptr<Counters>& counters,
    std::vector<StreamAcceptor> acceptors
);

/// For another loop of the same server: on the same ports, or the same Unix socket.
Listeners open_more_listeners(
    const asio::any_io_executor& executor,
    const ServerContext& context,
    const std::shared_ptr<Counters>& counters,
    const Listeners& first
);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
