// SPDX-License-Identifier: MIT
// Actions on the channel itself.
#include "actions/results.hpp"

#include <costrix/agi/actions/channel.hpp>

namespace costrix::agi {

void Answer::parse(const Reply& reply) {
    detail::fail_on_minus_one(reply, "the channel cannot be answered");
}

void Hangup::encode(CommandLine& line) const {
    if (!channel_.empty())
        line.argument(channel_, "channel");
}

void Hangup::parse(const Reply& reply) {
    detail::fail_on_minus_one(reply, "no such channel");
}

void ChannelStatus::encode(CommandLine& line) const {
    if (!channel_.empty())
        line.argument(channel_, "channel");
}

ChannelState ChannelStatus::parse(const Reply& reply) {
    detail::fail_on_minus_one(reply, "no such channel");
    // Bit 16 and above are flags, such as "muted" (channel.h: AST_STATE_MUTE).
    return static_cast<ChannelState>(reply.number().value_or(0) & 0xf);
}

}  // namespace costrix::agi
