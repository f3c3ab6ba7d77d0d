// SPDX-License-Identifier: MIT
// The audio connections of a call that is placed to a real server, over TCP.
#pragma once

#include "testing/asterisk/audio_leg.hpp"

#include <costrix/agi/detail/config.hpp>
#include <costrix/asio.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

class LiveAudioLine;

/// Makes the connections of Asterisk's, and moves their bytes. Thread safety: none.
class LiveAudio {
public:
    /// `before` is called before anything happens to a connection, `after` thereafter.
    LiveAudio(
        asio::any_io_executor executor,
        std::function<void()> before,
        std::function<void()> after
    );
    LiveAudio(const LiveAudio&) = delete;
    LiveAudio& operator=(const LiveAudio&) = delete;
    ~LiveAudio() { close(); }

    /// Connects these, and writes what Asterisk has to say on all. To be called after each change.
    void serve(const std::vector<std::shared_ptr<AudioLeg>>& legs);
    /// Closes all; for Asterisk, the script has.
    void close();

private:
    friend class LiveAudioLine;

    asio::any_io_executor executor_;
    std::function<void()> before_, after_;
    std::vector<std::shared_ptr<LiveAudioLine>> lines_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
