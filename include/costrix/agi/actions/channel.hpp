// SPDX-License-Identifier: MIT
// Actions on the channel itself: Answer, Hangup, ChannelStatus, AsyncAGIBreak.
#pragma once

#include <costrix/agi/detail/cxx20.hpp>
#include <costrix/agi/protocol/command_line.hpp>
#include <costrix/agi/protocol/reply.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace costrix::agi {

/// Answers the channel; does nothing when it is answered already (ANSWER).
///
/// Takes half a second when the caller sends no audio: Asterisk waits for media.
/// Throws: AGIAppError when the channel cannot be answered.
class Answer {
public:
    static constexpr std::string_view command = "ANSWER";

    Answer() noexcept {}
    void encode(CommandLine&) const {}
    static void parse(const Reply& reply);
};

/// Hangs up this channel, or another one (HANGUP).
///
/// Hanging up this channel makes AGI::hung_up() true.
/// Throws: AGIAppError when there is no channel of that name.
class Hangup {
public:
    static constexpr std::string_view command = "HANGUP";

    /// This session's channel.
    Hangup() noexcept {}
    /// The channel of this name, such as `PJSIP/100-00000001`.
    explicit Hangup(std::string channel) : channel_(std::move(channel)) {}
    void encode(CommandLine& line) const;
    static void parse(const Reply& reply);

private:
    std::string channel_;
};

/// What a channel is doing (pystrix: CHANNEL_*).
enum class ChannelState : std::uint8_t {
    down_available = 0,
    down_reserved = 1,
    offhook = 2,
    dialed = 3,
    alerting = 4,         ///< ringing here
    remote_alerting = 5,  ///< ringing at the far end
    up = 6,
    busy = 7,
    dialing_offhook = 8,
    prering = 9,
};

/// The state of this channel, or of another one (CHANNEL STATUS).
///
/// Throws: AGIAppError when there is no channel of that name.
class ChannelStatus {
public:
    static constexpr std::string_view command = "CHANNEL STATUS";

    ChannelStatus() noexcept {}
    explicit ChannelStatus(std::string channel) : channel_(std::move(channel)) {}
    void encode(CommandLine& line) const;
    static ChannelState parse(const Reply& reply);

private:
    std::string channel_;
};

/// Ends an AsyncAGI session (ASYNCAGI BREAK); it has no effect in any other.
class AsyncAGIBreak {
public:
    static constexpr std::string_view command = "ASYNCAGI BREAK";

    AsyncAGIBreak() noexcept {}
    void encode(CommandLine&) const {}
    static void parse(const Reply&) {}
};

}  // namespace costrix::agi
