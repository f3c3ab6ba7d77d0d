// SPDX-License-Identifier: MIT
// run_script: a handler as a classic AGI script, which Asterisk starts as a process for each call.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/observer.hpp>
#include <costrix/agi/router.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace costrix::inline COSTRIX_ABI::agi {

/// The options of a script.
struct ScriptOptions {
    /// Prints the conversation to standard error, line by line.
    bool debug = false;
    /// How long the session may take. `nullopt`: no limit. Then the running command throws
    /// AGITimeout, the session ends, and the handler is cancelled (terminal).
    std::optional<std::chrono::milliseconds> session_timeout = std::nullopt;
    /// How long the handler may go on after the hangup; then the same happens. Asterisk keeps the
    /// dead channel until the process exits. Does not apply to a call that was over before the
    /// script began (the h extension, a hangup handler).
    std::optional<std::chrono::milliseconds> after_hangup_timeout = std::chrono::seconds(60);
    /// How often to ask Asterisk whether the channel is hung up. `nullopt` or 0: never. See
    /// FastAGIServerOptions::channel_check_interval.
    std::optional<std::chrono::milliseconds> channel_check_interval = std::chrono::seconds(30);
    /// Learns what happens in the call. Its ObservedCall::route is empty, and there are no events
    /// of a server's. Null: nobody.
    std::shared_ptr<Observer> observer = nullptr;
};

/// Runs one call on standard input and output: the whole main() of a classic AGI script.
///
/// Returns main's result: 0 when the handler returned or a hangup ended it, 1 when it threw
/// anything else or there is no AGI on standard input. Asterisk turns anything but 0 into
/// AGISTATUS=FAILURE. What went wrong is one line on standard error.
///
/// SIGHUP is the caller's hangup: AGI::hung_up() and AGI::wait_for_hangup() report it at once, even
/// while a command runs or the handler waits for something else, and the next command throws
/// AGISIGHUPHangup. SIGPIPE is ignored. Both handlers stay until the process ends.
///
/// From this call until the process ends, standard input and output belong to Asterisk: descriptor
/// 0 becomes empty, and whatever the handler, a library or a child prints to descriptor 1 goes to
/// standard error. Output that was flushed before this call corrupts the protocol.
///
/// In the Request, `path` is the name the program was started by, and `args` are the arguments.
/// Lifetime: the handler runs on an io_context of this call; what it leaves running is destroyed.
[[nodiscard]] int run_script(const ScriptHandler& handler, const ScriptOptions& options = {});

/// True in a process that Asterisk has started as an AGI script, judging by its environment.
///
/// For a program that is both a script and a FastAGI server.
bool started_by_asterisk() noexcept;

}  // namespace costrix::inline COSTRIX_ABI::agi
