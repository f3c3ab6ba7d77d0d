// SPDX-License-Identifier: MIT
// run_script: a handler as a classic AGI script, which Asterisk starts as a process for each call.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/router.hpp>

#include <chrono>
#include <optional>

namespace costrix::agi {

/// How a script is set up.
struct ScriptOptions {
    /// Writes the conversation to standard error, line by line.
    bool debug = false;
    /// How long the session may take; nothing is for ever. Then the command that runs throws
    /// AGITimeout, the session ends, and the handler is cancelled (terminal).
    std::optional<std::chrono::milliseconds> session_timeout = std::nullopt;
    /// How long the handler may go on after the hangup; then the same happens. Asterisk keeps the
    /// dead channel as long as the process lives. Does not apply to a call that was over before the
    /// script began (the h extension, a hangup handler).
    std::optional<std::chrono::milliseconds> after_hangup_timeout = std::chrono::seconds(60);
    /// How often to ask Asterisk whether the channel is hung up; nullopt or 0: never. See
    /// FastAGIServerOptions::channel_check_interval.
    std::optional<std::chrono::milliseconds> channel_check_interval = std::chrono::seconds(30);
};

/// Runs one call on standard input and output: the whole main() of a classic AGI script.
///
/// The result is main's: 0 when the handler returned or a hangup ended it, 1 when it threw anything
/// else or there is no AGI on standard input. Asterisk makes AGISTATUS=FAILURE of any but 0. What
/// went wrong is one line on standard error.
///
/// SIGHUP is the caller's hangup: AGI::hung_up() and AGI::wait_for_hangup() know it at once, also
/// while a command runs or the handler waits for something else, and the next command throws
/// AGISIGHUPHangup. SIGPIPE is caught and does nothing. Both stay so to the end of the process.
///
/// Standard input and output are for Asterisk alone, from this call to the end of the process:
/// descriptor 0 becomes empty, and whatever is printed to descriptor 1, by the handler, a library
/// or a child, goes to standard error. What was flushed there before is beyond help.
///
/// In the Request, `path` is the name that the program was started by, `args` are the arguments.
/// Lifetime: the handler runs on an io_context of this call; what it left running is destroyed.
[[nodiscard]] int run_script(const ScriptHandler& handler, const ScriptOptions& options = {});

/// True in a process that Asterisk has started as an AGI script, by its environment.
///
/// For a program that is a script and a FastAGI server alike.
bool started_by_asterisk() noexcept;

}  // namespace costrix::agi
