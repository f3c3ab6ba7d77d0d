// SPDX-License-Identifier: MIT
// run_server: a FastAGI service as the whole of a program.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/server_options.hpp>

#include <cstddef>
#include <functional>

namespace costrix::inline COSTRIX_ABI::agi {

class FastAGIServer;

/// Runs a FastAGIServer until SIGINT or SIGTERM, then until its last call has ended; a second
/// signal ends it at once. Returns the program's exit status: `return agi::run_server(…);`.
///
/// `set_up` is called once, before the first call is accepted, to register the handlers.
/// `threads`: see FastAGIServer::run().
/// Never throws: whatever keeps the server from running, such as a port in use, an unknown host
/// name or an invalid pattern, is one line on standard error, and the result is 1. Otherwise it is
/// 0, however the calls ended.
int run_server(
    FastAGIServerOptions options,
    const std::function<void(FastAGIServer& server)>& set_up,
    std::size_t threads = 1
) noexcept;

}  // namespace costrix::inline COSTRIX_ABI::agi
