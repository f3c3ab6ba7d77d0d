// SPDX-License-Identifier: MIT
// run_server: a FastAGI service as the whole of a program.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/server_options.hpp>

#include <cstddef>
#include <functional>

namespace costrix::agi {

class FastAGIServer;

/// Runs a FastAGIServer until SIGINT or SIGTERM, and until its last call has ended; the result is
/// the exit status of the program: `return agi::run_server(…);`.
///
/// `set_up` is called once, before the first call is accepted: it registers the handlers.
/// `threads`: see FastAGIServer::run().
/// Never throws: what keeps the server from running, such as a port in use, a host name that cannot
/// be resolved or a wrong pattern, is one line on standard error, and the result is 1. Otherwise it
/// is 0, however the calls ended.
int run_server(
    FastAGIServerOptions options,
    const std::function<void(FastAGIServer& server)>& set_up,
    std::size_t threads = 1
) noexcept;

}  // namespace costrix::agi
