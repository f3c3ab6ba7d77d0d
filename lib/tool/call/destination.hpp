// SPDX-License-Identifier: MIT
// Where calls go: a server, or a classic script's program; and whether AGI is spoken there.
#pragma once

#include "testing/live_call.hpp"
#include "tool/call/call_options.hpp"
#include "tool/server_connection.hpp"

#include <costrix/asio.hpp>
#include <costrix/testing/fake_asterisk.hpp>

#include <memory>
#include <vector>

namespace costrix::tool {

using testing::detail::kTuple;
using testing::detail::LiveCall;

/// The addresses of a server, or a program.
class Destination {
public:
    /// Throws ConnectError when the server's name does not resolve.
    explicit Destination(const CallOptions& options);

    /// Connects, or starts the program; the call is for the caller to run.
    ///
    /// Throws ConnectError, or std::runtime_error when the program cannot be started.
    std::unique_ptr<LiveCall>
    call(asio::io_context& context, testing::FakeAsterisk& asterisk) const;

private:
    const CallOptions& options_;
    std::vector<Address> addresses_;
};

/// The call to a server over this connection.
std::unique_ptr<LiveCall>
call_over(ServerConnection connection, testing::FakeAsterisk& asterisk, double speed);

/// Whether Asterisk knows any of the commands that have come; true when none has come yet.
bool speaks_agi(const testing::FakeAsterisk& asterisk);

/// For co_spawn: what leaves a coroutine leaves io_context::run().
void rethrow(std::exception_ptr error);

}  // namespace costrix::tool
