// SPDX-License-Identifier: MIT
// Actions that play sound files: StreamFile, ControlStreamFile.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/shared.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

/// Plays a sound file to its end or until an escape digit is pressed (STREAM FILE).
///
/// Keys pressed before it starts are lost: Asterisk has no type-ahead. Positions are in samples,
/// 8 per millisecond at 8 kHz.
/// Throws: AGIAppError when there is no such file.
/// Cancellation: stops it in Asterisk at once.
class StreamFile : public detail::WithEscapeDigits<StreamFile> {
public:
    static constexpr std::string_view command = "STREAM FILE";

    struct Result {
        std::optional<char>
            key;  ///< The escape digit that stopped it; `nullopt` at the file's end.
        std::int64_t endpos = 0;  ///< Where it ended, in samples.
    };

    /// A file below Asterisk's sounds directory or an absolute path, without its extension.
    explicit StreamFile(std::string file) : file_(std::move(file)) {}
    /// Where to start, in samples from the beginning; 0 by default.
    StreamFile& offset(std::int64_t samples) noexcept {
        offset_ = samples;
        return *this;
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string file_;
    std::int64_t offset_ = 0;
};

/// Plays a sound file that the caller can wind forward and back (CONTROL STREAM FILE).
///
/// Positions are in milliseconds here, unlike StreamFile's.
/// Throws: AGIAppError when there is no such file.
/// Cancellation: abandons it, but Asterisk plays on: only escape digits can stop it.
class ControlStreamFile : public detail::WithEscapeDigits<ControlStreamFile> {
public:
    static constexpr std::string_view command = "CONTROL STREAM FILE";

    struct Result {
        std::optional<char>
            key;  ///< The escape digit that stopped it; `nullopt` at the file's end.
        /// Where it was stopped; `nullopt` at the file's end.
        std::optional<std::chrono::milliseconds> endpos;
    };

    /// A sound file as for StreamFile.
    explicit ControlStreamFile(std::string file) : file_(std::move(file)) {}
    /// How far one key press winds, at least 1 ms; 3 s by default.
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
    /// Where to start; at the beginning by default.
    ControlStreamFile& offset(std::chrono::milliseconds time) noexcept {
        offset_ = time;
        return *this;
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string file_;
    std::chrono::milliseconds skip_ = std::chrono::seconds(3);
    std::chrono::milliseconds offset_{};
    char forward_ = '#';
    char rewind_ = '*';
    char pause_ = '\0';
};

}  // namespace costrix::inline COSTRIX_ABI::agi
