// SPDX-License-Identifier: MIT
// The audio connections of a call in a test: memory in place of sockets.
#pragma once

#include "testing/asterisk/audio_leg.hpp"
#include "testing/memory_transport.hpp"

#include <costrix/agi/detail/config.hpp>
#include <costrix/asio.hpp>

#include <memory>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// Hands each end of a connection what the other one wrote; false when that was nothing.
bool move_bytes(AudioLeg& leg, MemoryTransport& transport);

/// Moves bytes between Asterisk's ends and those of agi::talk() and agi::open_audio().
class MemoryAudio {
public:
    /// Before any call of this context has audio.
    explicit MemoryAudio(asio::io_context& context);

    /// Takes these up: each finds the call that waits for it, or is refused.
    void connect(const std::vector<std::shared_ptr<AudioLeg>>& legs);
    /// Hands each side what the other one wrote; false when that was nothing.
    bool move_bytes();
    /// The script's end of all connections is gone.
    void close();

private:
    struct Line {
        std::shared_ptr<AudioLeg> leg;
        std::shared_ptr<MemoryTransport> transport;
    };

    asio::io_context& context_;
    asio::steady_timer earliest_;
    std::vector<Line> lines_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
