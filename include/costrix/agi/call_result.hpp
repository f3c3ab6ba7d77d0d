// SPDX-License-Identifier: MIT
// CallResult: how a call over a stream of yours ended.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/call_outcome.hpp>

#include <cstdint>
#include <exception>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi {

/// How a call ended.
struct CallResult {
    CallOutcome how = CallOutcome::failed;  ///< How the call ended.
    /// What was wrong, as the log says it, in printable characters; empty for a good end.
    std::string reason = {};
    /// What left the handler, or kept it from running; null otherwise.
    std::exception_ptr error = nullptr;
    /// Commands answered.
    std::uint64_t commands = 0;

    /// True if nothing was wrong: the handler returned, or the caller hung up.
    bool ok() const noexcept { return how == CallOutcome::returned || how == CallOutcome::hung_up; }
};

}  // namespace costrix::inline COSTRIX_ABI::agi
