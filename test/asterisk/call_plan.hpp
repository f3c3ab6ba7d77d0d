// SPDX-License-Identifier: MIT
// What a test call is to do: the variables of conf/extensions.conf.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::test {

/// Which of the dialplan's contexts runs the script.
enum class Mode {
    agi,        ///< FastAGI, on a ringing channel
    classic,    ///< a program in agi-bin
    eagi,       ///< a program in agi-bin, with audio on file descriptor 3
    dead,       ///< FastAGI from the h extension, the channel is hung up already
    dead_sub,   ///< the same, from a Gosub of the h extension
    handler,    ///< the same, from a hangup handler
    live_h,     ///< FastAGI from the h extension, to which the dialplan goes on a live channel
    intercept,  ///< FastAGI from an intercept routine, in a Dial: see COSTRIX_INTERCEPT
};

/// One test call: what the dialplan runs and what the caller does.
struct CallPlan {
    std::string path;        ///< script's path without leading slash, or program in agi-bin
    std::string url;         ///< instead of agi://127.0.0.1:port/path, in any mode
    std::uint16_t port = 0;  ///< FastAGI server's port; 0: the dialplan's AGI_PORT
    Mode mode = Mode::agi;
    std::vector<std::string> args;  ///< literal agi_arg_1, agi_arg_2...
    bool answered = false;          ///< answer before the script starts
    std::string caller;             ///< caller ID, as in: Alice <555>
    std::string audio;              ///< on the caller's line: tone, speech, pause, echo or nothing
    std::string text;               ///< text message the caller sends before the digits
    std::string digits;             ///< what the caller presses; w is a pause of half a second
    std::chrono::milliseconds after{1000};                  ///< from answer to text and digits
    std::chrono::milliseconds gap{250};                     ///< between two digits
    std::optional<std::chrono::milliseconds> hangup_after;  ///< from answer to the caller's hangup
    std::chrono::milliseconds ring_timeout{30000};          ///< hangup where nobody answers
    std::map<std::string, std::string> variables;           ///< AGISIGHUP, AGIEXITONHANGUP, any
    std::string report;  ///< an expression to be told of at the end, as in: ${DEPARTMENT}
};

/// The context of the script's half.
const char* context(Mode mode);

/// The channel variables of a call, by name.
std::map<std::string, std::string> variables(const CallPlan& plan);

/// With a backslash before each of these characters.
std::string escape(std::string_view text, std::string_view special);

}  // namespace costrix::test
