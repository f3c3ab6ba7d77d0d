// SPDX-License-Identifier: MIT
// Actions on the channel itself: Answer, Hangup, ChannelStatus, AsyncAGIBreak.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/shared.hpp>

namespace costrix::inline COSTRIX_ABI::agi {

/// Answers the channel; has no effect on an answered one (ANSWER).
///
/// Takes half a second when the caller sends no audio, since Asterisk waits for media.
/// Throws: AGIAppError when the channel cannot be answered.
class Answer {
public:
    static constexpr std::string_view command = "ANSWER";

    Answer() noexcept {}
    void encode(CommandLine&) const {}
    static void parse(const Reply& reply) {
        detail::fail_on_minus_one(reply, "the channel cannot be answered");
    }
};

/// Hangs up this channel or another one (HANGUP).
///
/// AGI::hung_up() is true after hanging up this channel.
/// Throws: AGIAppError when there is no channel of that name.
class Hangup {
public:
    static constexpr std::string_view command = "HANGUP";

    /// This session's channel.
    Hangup() noexcept {}
    /// The channel of this name, such as `PJSIP/100-00000001`.
    explicit Hangup(std::string channel) : channel_(std::move(channel)) {}
    void encode(CommandLine& line) const { line.optional_argument(channel_, "channel"); }
    static void parse(const Reply& reply) { detail::fail_on_minus_one(reply, "no such channel"); }

private:
    std::string channel_;
};

/// What a channel is doing (channel.h: enum ast_channel_state; pystrix: CHANNEL_*).
enum class ChannelState : std::uint8_t {
    down_available = 0,
    down_reserved = 1,
    offhook = 2,
    dialed = 3,
    alerting = 4,         ///< This end rings.
    remote_alerting = 5,  ///< The far end rings.
    up = 6,
    busy = 7,
    dialing_offhook = 8,
    prering = 9,
};

/// Returns the state of this channel or of another one (CHANNEL STATUS).
///
/// Throws: AGIAppError when there is no channel of that name.
class ChannelStatus {
public:
    static constexpr std::string_view command = "CHANNEL STATUS";

    /// This session's channel.
    ChannelStatus() noexcept {}
    /// The channel of this name.
    explicit ChannelStatus(std::string channel) : channel_(std::move(channel)) {}
    void encode(CommandLine& line) const { line.optional_argument(channel_, "channel"); }
    static ChannelState parse(const Reply& reply) {
        detail::fail_on_minus_one(reply, "no such channel");
        // Bit 16 and above are flags, such as "muted" (channel.h: AST_STATE_MUTE).
        return static_cast<ChannelState>(reply.number().value_or(0) & 0xf);
    }

private:
    std::string channel_;
};

/// Ends an AsyncAGI session; has no effect in any other session (ASYNCAGI BREAK).
class AsyncAGIBreak {
public:
    static constexpr std::string_view command = "ASYNCAGI BREAK";

    AsyncAGIBreak() noexcept {}
    void encode(CommandLine&) const {}
    static void parse(const Reply&) {}
};

}  // namespace costrix::inline COSTRIX_ABI::agi
