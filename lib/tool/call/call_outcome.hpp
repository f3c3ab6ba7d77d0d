// SPDX-License-Identifier: MIT
// How a call ended: as an exit status, for people, and as JSON.
#pragma once

#include "tool/call/call_options.hpp"
#include "tool/call/destination.hpp"
#include "tool/exit_status.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::tool {

/// How a call ended: as an exit status, in a sentence, and what else there is to know.
struct CallOutcome {
    ExitStatus status;
    std::string sentence;
    std::vector<std::string> unmet = {};  ///< the expectations that were not met
    std::vector<std::string> warnings =
        {};  ///< what was asked for and never happened, what is missing
};

/// How the call ended; `cut` is why it was cut off, `digits_left` are keys that no command asked
/// for.
CallOutcome outcome_of(
    const CallOptions& options,
    const LiveCall& call,
    std::optional<ExitStatus> cut = std::nullopt,
    std::string_view digits_left = {}
);

/// The call as JSON: what happened, what it left behind, the exit status.
std::string call_report(
    const CallOptions& options,
    const testing::FakeAsterisk& asterisk,
    const CallOutcome& outcome
);

}  // namespace costrix::tool
