// SPDX-License-Identifier: MIT
// CallOutcome: the ways in which a call ends.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstdint>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::agi {

/// The ways in which a call ends.
enum class CallOutcome : std::uint8_t {
    returned,   ///< The handler returned while the call lived.
    hung_up,    ///< The handler ended with the hangup or after it.
    timed_out,  ///< An AGITimeout left the handler.
    cancelled,  ///< The handler was cancelled, or the call before it had one.
    failed,     ///< Another exception left the handler, or kept it from running.
    refused,    ///< By Options::admission, or the path is too long.
    no_route,   ///< No handler for the path.
    fault,      ///< The peer did not keep to the protocol, or a time limit passed.
};

/// For labels and logs: the enumerator's name.
std::string_view to_string(CallOutcome outcome) noexcept;

}  // namespace costrix::inline COSTRIX_ABI::agi
