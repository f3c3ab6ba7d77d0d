// SPDX-License-Identifier: MIT
// Actions that play sound files: StreamFile, ControlStreamFile.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/shared.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

/// Plays a sound file to its end or until an escape digit is pressed (STREAM FILE).
///
/// Keys pressed before it starts are lost: Asterisk has no type-ahead.
/// Throws: AGIAppError when there is no such file.
/// Cancellation: stops it in Asterisk at once.
class StreamFile : public detail::WithEscapeDigits<StreamFile> {
public:
    static constexpr std::string_view command = "STREAM FILE";

    /// The key, and where playback stopped.
    struct Result {
        std::optional<char>
            key;         ///< The escape digit that stopped it; `nullopt` at the file's end.
        Samples endpos;  ///< Where it ended.
    };

    /// A file below Asterisk's sounds directory or an absolute path, without its extension.
    explicit StreamFile(std::string file) : file_(std::move(file)) {}
    /// Where to start; at the beginning by default.
    StreamFile& offset(Samples from) noexcept {
        offset_ = from;
        return *this;
    }
    void encode(CommandLine& line) const;
    static Result parse(const Reply& reply);

private:
    std::string file_;
    Samples offset_;
};

/// Plays a sound file that the caller can wind forward and back (CONTROL STREAM FILE).
///
/// Positions are times here, unlike StreamFile's. Asterisk takes 8 samples for a millisecond,
/// whatever the file's rate (app.c: control_streamfile): in a 16 kHz file, 1 s of a position is
/// half a second of sound.
/// Throws: AGIAppError when there is no such file.
/// Cancellation: abandons it, but Asterisk plays on: only escape digits can stop it.
class ControlStreamFile : public detail::WithEscapeDigits<ControlStreamFile> {
public:
    static constexpr std::string_view command = "CONTROL STREAM FILE";

    /// How playback ended, and where.
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
