// SPDX-License-Identifier: MIT
// Asterisk's end of a recorded audio line, played to a server in real time.
#pragma once

#include "testing/recorded_audio.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace costrix::tool {

/// Connects to the server, says what the caller said, and compares what they hear.
class AudioReplay {
public:
    /// Begins at once. `command`: of the server's, which says where to connect to.
    AudioReplay(
        std::shared_ptr<const testing::detail::RecordedAudio> recorded,
        const std::vector<std::string>& command
    );
    /// Ends the line.
    ~AudioReplay();
    AudioReplay(const AudioReplay&) = delete;
    AudioReplay& operator=(const AudioReplay&) = delete;

    const testing::detail::RecordedAudio& recorded() const noexcept;
    /// Waits until the line has ended, so long at most; false if it has not.
    bool wait(std::chrono::nanoseconds patience);
    /// Ends the line, and says how it differs; also if it could not be connected.
    std::optional<testing::detail::AudioDifference> finish();

private:
    class Line;
    std::shared_ptr<Line> line_;
};

}  // namespace costrix::tool
