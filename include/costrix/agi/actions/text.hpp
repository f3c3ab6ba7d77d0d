// SPDX-License-Identifier: MIT
// Actions for text messages, images and text telephones.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/shared.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

/// Sends a text message to the caller (SEND TEXT).
///
/// Asterisk also reports success for channels that do not support it.
/// Throws: AGIAppError when the text cannot be sent.
class SendText {
public:
    static constexpr std::string_view command = "SEND TEXT";

    explicit SendText(std::string text) : text_(std::move(text)) {}  ///< The text to send.
    void encode(CommandLine& line) const { line.argument(text_, "text"); }
    static void parse(const Reply& reply) {
        detail::fail_on_minus_one(reply, "the text cannot be sent");
    }

private:
    std::string text_;
};

/// Sends an image to the caller (SEND IMAGE).
///
/// Asterisk also reports success for channels that do not support it.
/// Throws: AGIAppError when the image cannot be sent.
class SendImage {
public:
    static constexpr std::string_view command = "SEND IMAGE";

    /// The image's file name, without its extension.
    explicit SendImage(std::string image) : image_(std::move(image)) {}
    void encode(CommandLine& line) const { line.argument(image_, "image"); }
    static void parse(const Reply& reply) {
        detail::fail_on_minus_one(reply, "the image cannot be sent");
    }

private:
    std::string image_;
};

/// Waits for a text message from the caller (RECEIVE TEXT).
///
/// Returns the message, or `nullopt` after the timeout.
class ReceiveText {
public:
    static constexpr std::string_view command = "RECEIVE TEXT";

    /// Without a timeout.
    ReceiveText() noexcept {}
    /// With a timeout of at least 1 ms: Asterisk answers 0 at once, as after a hangup.
    explicit ReceiveText(std::chrono::milliseconds timeout) noexcept : timeout_(timeout) {}
    void encode(CommandLine& line) const { detail::encode_timeout(line, timeout_); }
    /// -1 is the timeout; a hangup would have been an exception.
    static std::optional<std::string> parse(const Reply& reply) {
        return detail::value_if_one(reply);
    }

private:
    std::optional<std::chrono::milliseconds> timeout_;
};

/// Waits for a text message from the caller and returns its first byte (RECEIVE CHAR).
///
/// Returns `nullopt` after the timeout. Asterisk reports that as a hangup; the session finds out
/// which of the two it was.
class ReceiveChar {
public:
    static constexpr std::string_view command = "RECEIVE CHAR";

    /// Without a timeout.
    ReceiveChar() noexcept {}
    /// With a timeout of at least 1 ms: Asterisk answers 0 at once, as after a hangup.
    explicit ReceiveChar(std::chrono::milliseconds timeout) noexcept : timeout_(timeout) {}
    void encode(CommandLine& line) const { detail::encode_timeout(line, timeout_); }
    static std::optional<char> parse(const Reply& reply) {
        return reply.number() == -1 ? std::nullopt
                                    : detail::key_or_failure(reply, "no text can be received");
    }

private:
    std::optional<std::chrono::milliseconds> timeout_;
};

/// Turns a text telephone (TDD) mode on or off (TDD MODE).
///
/// Returns false when the channel does not support it.
class TDDMode {
public:
    static constexpr std::string_view command = "TDD MODE";

    /// The modes that Asterisk knows.
    enum class Mode : std::uint8_t { off, on, mate, tdd };

    explicit TDDMode(Mode mode) noexcept : mode_(mode) {}  ///< Changes to `mode`.
    void encode(CommandLine& line) const {
        constexpr const char* kModes[]{"off", "on", "mate", "tdd"};
        line.name(kModes[static_cast<std::size_t>(mode_)]);
    }
    static bool parse(const Reply& reply) { return reply.result() == "1"; }

private:
    Mode mode_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
