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

/// The variable in which an application leaves how it ended. The program costrix calls it.
__attribute__((visibility("default"))) std::string status_variable(std::string_view application);

/// What an application leaves besides its status, where the scenario does not say it: Record the
/// file, Transfer the protocol's code.
ApplicationOutcome with_other_variables(
    std::string_view application,
    const std::string& arguments,
    ApplicationOutcome outcome
);

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
