// SPDX-License-Identifier: MIT
// Applications about the call itself: Dial, MixMonitor, SendDTMF; where applications leave a
// status.
#pragma once

#include "testing/asterisk/command_handlers.hpp"

#include <costrix/agi/detail/config.hpp>

#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::testing::detail {

Outcome app_dial(CallState& call, const std::string& arguments);
Outcome app_mix_monitor(CallState& call, const std::string& arguments);
Outcome app_send_dtmf(CallState& call, const std::string& arguments);

/// The variable in which an application leaves how it ended.
std::string status_variable(std::string_view application);

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
