// SPDX-License-Identifier: MIT
// CallResult: how a call over a stream of yours ended.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstdint>
#include <exception>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi {

/// How a call ended.
struct CallResult {
    /// The ways in which a call ends.
    enum class How : std::uint8_t {
        returned,   ///< The handler returned while the call lived.
        hung_up,    ///< With the hangup or after it.
        timed_out,  ///< An AGITimeout left the handler.
        cancelled,  ///< The handler was cancelled.
        failed,     ///< Another exception left the handler, or kept it from running.
        no_route,   ///< No handler for the path.
        refused,    ///< By Options::admission, or the path is too long.
        fault,      ///< The peer did not keep to the protocol, or a time limit passed.
    };

    How how = How::failed;  ///< How the call ended.
    /// What was wrong, as the log says it, in printable characters; empty for a good end.
    std::string reason = {};
    /// What left the handler, or kept it from running; null otherwise.
    std::exception_ptr error = nullptr;
    /// Commands answered.
    std::uint64_t commands = 0;

    /// True if nothing was wrong: the handler returned, or the caller hung up.
    bool ok() const noexcept { return how == How::returned || how == How::hung_up; }
};

}  // namespace costrix::inline COSTRIX_ABI::agi
