// SPDX-License-Identifier: MIT
// Actions on text messages, images and text telephones.
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

/// Sends a text message to the caller, where the channel can (SEND TEXT).
///
/// Throws: AGIAppError when it cannot be sent. Asterisk says yes for channels that cannot.
class SendText {
public:
    static constexpr std::string_view command = "SEND TEXT";

    explicit SendText(std::string text) : text_(std::move(text)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply& reply);

private:
    std::string text_;
};

/// Sends an image to the caller, where the channel can (SEND IMAGE).
///
/// Throws: AGIAppError when it cannot be sent. Asterisk says yes for channels that cannot.
class SendImage {
public:
    static constexpr std::string_view command = "SEND IMAGE";

    /// The image's name, without extension.
    explicit SendImage(std::string image) : image_(std::move(image)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply& reply);

private:
    std::string image_;
};

/// Waits for a text message of the caller's (RECEIVE TEXT).
///
/// The result is the message, or nothing when none came in time.
class ReceiveText {
public:
    static constexpr std::string_view command = "RECEIVE TEXT";

    /// No time limit.
    ReceiveText() noexcept {}
    /// Waits for so long, 1 ms or more.
    explicit ReceiveText(std::chrono::milliseconds timeout) noexcept : timeout_(timeout) {}
    void encode(CommandLine& line) const;
    static std::optional<std::string> parse(const Reply& reply);

private:
    std::optional<std::chrono::milliseconds> timeout_;
};

/// Waits for a text message of the caller's and takes its first byte (RECEIVE CHAR).
///
/// The result is that byte, or nothing when none came in time. Asterisk calls the time-out a
/// hangup; the session finds out which of the two it was.
class ReceiveChar {
public:
    static constexpr std::string_view command = "RECEIVE CHAR";

    /// No time limit.
    ReceiveChar() noexcept {}
    /// Waits for so long, 1 ms or more.
    explicit ReceiveChar(std::chrono::milliseconds timeout) noexcept : timeout_(timeout) {}
    void encode(CommandLine& line) const;
    static std::optional<char> parse(const Reply& reply);

private:
    std::optional<std::chrono::milliseconds> timeout_;
};

/// Turns a text telephone (TDD) mode on or off (TDD MODE).
///
/// The result is false when the channel cannot do that.
class TDDMode {
public:
    static constexpr std::string_view command = "TDD MODE";

    enum class Mode : std::uint8_t { off, on, mate, tdd };

    explicit TDDMode(Mode mode) noexcept : mode_(mode) {}
    void encode(CommandLine& line) const;
    static bool parse(const Reply& reply);

private:
    Mode mode_;
};

}  // namespace costrix::agi
