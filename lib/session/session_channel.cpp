// SPDX-License-Identifier: MIT
// Whether the channel lives: what the session asks Asterisk, and what it concludes.
#include "protocol/own_commands.hpp"
#include "session/session.hpp"

#include <algorithm>
#include <array>

namespace costrix::agi::detail {
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

/// Whether it takes the channel's status to tell a failure from a hangup.
bool Session::needs_probe() const noexcept {
    return current_ && traits_.ambiguous && !probed_ && !hung_up() &&
           (!fenced_ || ended_by_itself_) && reply_.code() == 200 && reply_.number() == -1;
}

void Session::send_probe() {
    settled_ = false;
    awaiting_ = Awaiting::probe;
    replies().expect(ReplyForm::line);
    transmit(kProbe);
}

/// Asks whether the channel is hung up. A settled command waits for the answer.
void Session::ask() {
    settled_ = check_due_ = false;
    awaiting_ = Awaiting::question;
    replies().expect(ReplyForm::line);
    transmit(kQuestion);
}

/// Takes the reply to the command in flight, and what it says of the channel.
void Session::take_own_reply() {
    replies().swap_reply(reply_);
    if (reply_.code() == 511) {
        take_refusal();
    } else if (!traits_.dead && reply_.code() == 200) {
        life_ = Life::served;
        served_lately_ = true;
    }
}

/// A command that needs a live channel got a 511: the channel is dead, or this is an intercept
/// routine, in which Asterisk runs no such command at all.
void Session::take_refusal() {
    if (life_ == Life::served)
        note_hangup(End::hung_up);
    else
        refused_ = true;
}

/// Without func_channel there is no answer; then a 511 is taken for what it mostly is.
void Session::take_answer() {
    auto answer = replies().reply().value().value_or("");
    const bool alive = answer.starts_with('0');
    const bool gone = answer.starts_with('1');
    answer.remove_prefix(alive || gone ? 1 : 0);
    const bool told = !is_false(answer);
    awaiting_ = Awaiting::nothing;
    settled_ = std::exchange(refused_, false);
    check_due_ = false;  // if the answer took that long
    if (hung_up())
        return;  // as Asterisk has said meanwhile
    if (alive) {
        life_ = std::max(life_, Life::seen);
        if (told)
            next_check_ = Deadline::max();
    } else if (gone || settled_) {
        // Of a hangup within the session Asterisk would have told.
        if (life_ == Life::unknown && (told || environment_.starts_dead()))
            note_dead_start();
        else
            note_hangup(End::hung_up);
    }
}

/// The channel was dead when the session began: in the h extension or in a hangup handler. What
/// runs there is the handler's proper work, and not limited in time.
void Session::note_dead_start() {
    hangup_ = End::hung_up;
    dead_phase_ = true;
}

/// Whether the reply that came is the news of the hangup, rather than a result.
bool Session::means_hangup() const noexcept {
    if (!hung_up())
        return false;
    if (reply_.code() == 511)
        return !dead_phase_;
    // To a handler that cleans up, an application's -1 is a result like any other.
    return traits_.ambiguous && reply_.number() == -1 && !(traits_.dead && dead_phase_);
}

/// With AGISIGHUP=no, Asterisk tells of a hangup in no other way. A command that only a live
/// channel runs answers the question as well.
void Session::check_channel(Deadline now) {
    if (now < next_check_)
        return;
    if (hung_up()) {
        next_check_ = Deadline::max();
        return;
    }
    next_check_ = after(now, *limits_.channel_check_interval);
    check_due_ = !std::exchange(served_lately_, false);
    send_next();
}

}  // namespace costrix::agi::detail
