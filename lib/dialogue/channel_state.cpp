// SPDX-License-Identifier: MIT
// Which replies prove that the channel is alive, hung up, or was dead from the start.
#include "dialogue/channel_state.hpp"

#include "protocol/ascii.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// As Asterisk reads AGISIGHUP.
bool is_false(std::string_view text) noexcept {
    constexpr std::array<std::string_view, 6> kFalse{"no", "false", "n", "f", "0", "off"};
    const auto same = [](char lower, char any) { return lower == (any | 0x20); };
    return std::any_of(kFalse.begin(), kFalse.end(), [&](std::string_view word) {
        return std::equal(word.begin(), word.end(), text.begin(), text.end(), same);
    });
}

}  // namespace

bool ChannelState::hang_up(End how) noexcept {
    if (hung_up())
        return false;
    hangup_ = how;
    return true;
}

bool ChannelState::sighup(bool starts_dead) noexcept {
    if (hangup_ == End::hung_up && !starts_dead)
        hangup_ = End::sighup;
    return hang_up(End::sighup);
}

void ChannelState::note_dead_start() noexcept {
    hangup_ = End::hung_up;
    cleans_up_ = true;
}

void ChannelState::note_service() noexcept {
    life_ = Life::served;
    served_lately_ = true;
}

bool ChannelState::take_service() noexcept {
    return std::exchange(served_lately_, false);
}

bool ChannelState::is_doubtful(const Reply& reply, const CommandTraits& command) noexcept {
    constexpr std::string_view during_the_beep = "randomerror";
    return begins_with(reply.text(), "200 result=-") && reply.number() == -1 &&
           (command.ambiguous || reply.value() == during_the_beep);
}

bool ChannelState::means_hangup(const Reply& reply, const CommandTraits& command) const noexcept {
    if (!hung_up())
        return false;
    if (reply.code() == 511)
        return !cleans_up_;
    // To a handler that cleans up, an application's -1 is a result like any other.
    return is_doubtful(reply, command) && !(command.dead && cleans_up_);
}

/// Without func_channel there is no answer; then a 511 is taken for what it usually is.
Conclusion
ChannelState::conclude(std::string_view answer, bool refused, bool starts_dead) noexcept {
    if (hung_up())
        return Conclusion::no_news;  // Asterisk has reported it meanwhile
    const bool alive = answer.starts_with('0');
    const bool gone = answer.starts_with('1');
    const bool reports = !is_false(answer.substr(alive || gone ? 1 : 0));
    if (alive) {
        life_ = std::max(life_, Life::seen);
        reported_ = reports;
        return Conclusion::no_news;
    }
    if (!gone && !refused)
        return Conclusion::no_news;
    // Asterisk would have reported a hangup within the session.
    const bool before = life_ == Life::unknown && (reports || starts_dead);
    return before ? Conclusion::dead_start : Conclusion::hung_up;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
