// SPDX-License-Identifier: MIT
// Actions that play sound files: StreamFile, ControlStreamFile.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace costrix::agi {

/// Plays a sound file until its end or until one of the escape digits is pressed (STREAM FILE).
///
/// Keys pressed before it starts are lost: Asterisk has no type-ahead. Positions are in samples,
/// 8 per millisecond at 8 kHz. Cancellation stops the playback in Asterisk at once.
/// Throws: AGIAppError when there is no such file.
class StreamFile {
public:
    static constexpr std::string_view command = "STREAM FILE";

    struct Result {
        std::optional<char> key;  ///< The escape digit that ended it; nothing when it played out.
        std::int64_t endpos = 0;  ///< Where it ended, in samples.
    };

    /// A name below Asterisk's sounds directory, or an absolute path; without its extension.
    explicit StreamFile(std::string file) : file_(std::move(file)) {}
    /// The keys that end it, of 0-9, *, #, A-D; none by default.
    StreamFile& escape_digits(std::string keys) {
        escape_digits_ = std::move(keys);
        return *this;
    }
    /// Where to begin, in samples from the start.
    StreamFile& offset(std::int64_t samples) noexcept {
        offset_ = samples;
        return *this;
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string file_;
    std::string escape_digits_;
    std::int64_t offset_ = 0;
};

/// Plays a sound file that the caller can wind forward and back (CONTROL STREAM FILE).
///
/// Positions are in milliseconds here, unlike StreamFile's. Nothing but the stop keys can end it:
/// cancellation gives it up, and Asterisk plays on.
/// Throws: AGIAppError when there is no such file.
class ControlStreamFile {
public:
    static constexpr std::string_view command = "CONTROL STREAM FILE";

    struct Result {
        std::optional<char> key;  ///< The escape digit that ended it; nothing when it played out.
        /// Where it was stopped; nothing when it played out.
        std::optional<std::chrono::milliseconds> endpos;
    };

    /// See StreamFile.
    explicit ControlStreamFile(std::string file) : file_(std::move(file)) {}
    /// The keys that end it, of 0-9, *, #, A-D; none by default.
    ControlStreamFile& escape_digits(std::string keys) {
        escape_digits_ = std::move(keys);
        return *this;
    }
    /// How far one press winds, 1 ms or more; 3 s by default.
    ControlStreamFile& skip(std::chrono::milliseconds time) noexcept {
        skip_ = time;
        return *this;
    }
    /// The key that winds forward; `#` by default.
    ControlStreamFile& forward(char key) noexcept {
        forward_ = key;
        return *this;
    }
    /// The key that winds back; `*` by default.
    ControlStreamFile& rewind(char key) noexcept {
        rewind_ = key;
        return *this;
    }
    /// The key that pauses and resumes; none by default.
    ControlStreamFile& pause(char key) noexcept {
        pause_ = key;
        return *this;
    }
    /// Where to begin.
    ControlStreamFile& offset(std::chrono::milliseconds time) noexcept {
        offset_ = time;
        return *this;
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string file_;
    std::string escape_digits_;
    std::chrono::milliseconds skip_ = std::chrono::seconds(3);
    std::chrono::milliseconds offset_{};
    char forward_ = '#';
    char rewind_ = '*';
    char pause_ = '\0';
};

}  // namespace costrix::agi
