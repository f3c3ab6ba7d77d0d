// SPDX-License-Identifier: MIT
// What the program's exit status says; documented in costrix(1).
#pragma once

namespace costrix::tool {

/// Exit statuses, the same for every subcommand.
enum class ExitStatus {
    success = 0,        ///< The call ended with AGISTATUS SUCCESS; nothing is wrong.
    failure = 1,        ///< AGISTATUS FAILURE; errors, differences, findings.
    usage = 2,          ///< The command line makes no sense, or a file cannot be read.
    hangup = 3,         ///< AGISTATUS HANGUP: the call was hung up by either side.
    no_connection = 4,  ///< The name does not resolve, or nobody listens.
    broken = 5,         ///< No FastAGI server, or one that broke off in the middle.
    timed_out = 6,      ///< The time limit passed first.
    unexpected = 7,     ///< A variable is not as --expect-variable says.
    interrupted = 130,  ///< Ctrl-C, or SIGTERM.
};

}  // namespace costrix::tool
