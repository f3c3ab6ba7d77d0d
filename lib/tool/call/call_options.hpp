// SPDX-License-Identifier: MIT
// One simulated call: what is asked for, how it is run, and how it ended.
#pragma once

#include "tool/agi_url.hpp"
#include "tool/call/line.hpp"
#include "tool/exit_status.hpp"

#include <costrix/testing/fake_asterisk.hpp>
#include <costrix/testing/scenario.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::tool {

/// What the command line asks for.
struct CallOptions {
    AgiUrl url;           ///< of a server; unless there is a program
    std::string program;  ///< a classic script to start
    std::vector<std::string> arguments;
    testing::Scenario scenario;
    std::string digits;
    std::chrono::nanoseconds think = std::chrono::milliseconds(500);
    double speed = 1;
    std::optional<std::chrono::nanoseconds> timeout;
    std::vector<std::pair<std::string, std::string>> expected;  ///< variables after the call
    bool json = false;
    bool quiet = false;
    bool wire = true;
};

/// Places the call and prints what happens, for people or as JSON.
ExitStatus place_scripted_call(const CallOptions& options);

/// Places the call with the terminal as its phone.
ExitStatus place_phone_call(const CallOptions& options);

/// Where calls go: the addresses of a server, or a program.
class Destination {
public:
    /// Throws ConnectError when the server's name does not resolve.
    explicit Destination(const CallOptions& options);

    /// Connects, or starts the program, and begins a call.
    ///
    /// Throws ConnectError, or std::runtime_error when the program cannot be started.
    std::unique_ptr<Line> call(testing::FakeAsterisk& asterisk) const;

private:
    const CallOptions& options_;
    std::vector<Address> addresses_;
};

/// The call as its options describe it, with a unique id of its own.
testing::Scenario scenario_of(const CallOptions& options);

/// How a call ended: as an exit status, in a sentence, and what else there is to know.
struct CallOutcome {
    ExitStatus status;
    std::string sentence;
    std::vector<std::string> unmet = {};  ///< the expectations that were not met
    std::vector<std::string> warnings =
        {};  ///< what was asked for and never happened, what is missing
};

/// How the call on this line ended; `cut` is why the line was cut, `digits_left` nobody has asked
/// for.
CallOutcome outcome_of(
    const CallOptions& options,
    const Line& line,
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
