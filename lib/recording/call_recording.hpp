// SPDX-License-Identifier: MIT
// One session, written down in memory as it goes.
#pragma once

#include <costrix/agi/protocol/environment.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace costrix::agi::detail {

/// A transcript that grows. No thread safety.
class CallRecording {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// Begins with the header and the environment block.
    CallRecording(
        std::string name,
        std::string_view shows,
        const Environment& environment,
        std::size_t most_bytes,
        Time now
    );

    /// A line of the wire, or the several lines of one reply, LF taken off.
    void add(bool sent, std::string_view lines, Time now);
    /// Something that happened off the wire.
    void note(std::string_view what, Time now);

    /// The file's name, without its folder.
    const std::string& name() const noexcept { return name_; }
    const std::string& text() const noexcept { return text_; }

private:
    void append(char mark, std::string_view text);
    void pause(Time now);

    std::string name_;
    std::string text_;
    std::size_t most_bytes_;
    Time last_;
    bool cut_ = false;
};

}  // namespace costrix::agi::detail
