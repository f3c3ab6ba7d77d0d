// SPDX-License-Identifier: MIT
// Asterisk's end of a call in a test: a simulation, or a script.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

class AudioLeg;

/// A driver moves bytes and time; a Peer does no I/O and no waiting.
class Peer {
public:
    Peer() = default;
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    virtual ~Peer() = default;

    /// The script wrote these bytes.
    virtual void receive(std::string_view bytes) = 0;
    /// What Asterisk has written since the last call; the environment block first.
    virtual std::string take_output() = 0;
    /// The audio connections that Asterisk has begun to make since the last call.
    virtual std::vector<std::shared_ptr<AudioLeg>> take_audio_connections() = 0;
    /// Asterisk has closed the connection.
    virtual bool closed() const = 0;
    /// The call need not continue: its outcome is known.
    virtual bool failed() const { return false; }
    /// The time until the next event; nullopt if nothing is due.
    virtual std::optional<std::chrono::nanoseconds> next_event() const = 0;
    /// Advances the clock.
    virtual void advance(std::chrono::nanoseconds time) = 0;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
