// SPDX-License-Identifier: MIT
// Plays Asterisk's side of a recorded call against a server.
#pragma once

#include "tool/agi_url.hpp"
#include "tool/server_connection.hpp"

#include <costrix/testing/transcript.hpp>

#include <boost/regex.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace costrix::tool {

/// How to replay.
struct ReplayOptions {
    std::optional<AgiUrl> url;          ///< the server, and the script when it has a path
    std::vector<boost::regex> ignored;  ///< what of a line may differ
    double speed = 1;                   ///< of the pauses that are kept
    bool timing = false;                ///< replies take the time they took
    std::chrono::milliseconds timeout = std::chrono::seconds(10);
};

/// Where a server deviates from the recording.
struct Difference {
    std::size_t line;      ///< of the recording, counted from 1
    std::string recorded;  ///< what the script did then
    std::string came;      ///< what it does now
    std::string before;    ///< the line that went before
};

/// The result of a replay.
struct ReplayResult {
    std::size_t commands = 0;  ///< that were as recorded
    std::optional<Difference> difference;
};

/// Replays one recording; throws ConnectError, or std::runtime_error for what cannot be replayed.
ReplayResult replay(const testing::Transcript& transcript, const ReplayOptions& options);

}  // namespace costrix::tool
