// SPDX-License-Identifier: MIT
// A session's deadlines: its own, its commands', its sleepers'.
#include "session/session.hpp"

#include <algorithm>
#include <new>

namespace costrix::inline COSTRIX_ABI::agi::detail {

// How often a handler is cancelled whose session is out of time.
constexpr auto kOvertimeInterval = std::chrono::seconds(1);

void Session::sleep(Operation& operation) {
    if (closed_) {
        refuse(operation);
        return;
    }
    sleepers_.push_by_deadline(operation);
    if (operation.deadline <= wheel_.now())
        run_later([this] { wake_sleepers(wheel_.now()); });
    else
        wake_at(operation.deadline);
}

/// The wheel learns of earlier times only. It may call too early, after a command that was answered
/// in time; that costs less than to tell it of every reply.
void Session::wake_at(Deadline time) noexcept {
    if (time >= due_.armed || !in_context_)
        return;
    try {
        wheel_.arm(*this, time, get_executor());
        due_.armed = time;
    } catch (const std::bad_alloc&) {  // the next deadline or reply is the next occasion
    }
}

void Session::on_expired() noexcept {
    try {
        run_later([this] { check_deadlines(); });
    } catch (const std::bad_alloc&) {
        wheel_.arm(*this, wheel_.now(), get_executor());  // tries again in the next turn
    }
}

Deadline Session::next_deadline() const noexcept {
    return std::min(
        {due_.phase,
         due_.session,
         due_.channel_check,
         dialogue_.next_deadline(),
         sleepers_.empty() ? Deadline::max() : sleepers_.front().deadline}
    );
}

void Session::check_deadlines() {
    due_.armed = Deadline::max();
    if (!stuck())
        attempts_ = 0;
    const auto now = wheel_.now();
    if (closed_) {
        if (now >= due_.phase) {
            due_.phase = now + kOvertimeInterval;
            owner_.on_overtime();
        }
        wake_at(due_.phase);
    } else if (now < due_.session && now < due_.phase) {
        dialogue_.pass(now);
        if (now >= due_.channel_check)
            due_.channel_check = dialogue_.check_channel()
                                     ? after(now, *dialogue_.limits().channel_check_interval)
                                     : Deadline::max();
        wake_sleepers(now);
    } else if (dialogue_.state() == Dialogue::State::opening) {
        due_ = {};
        dialogue_.end(End::disconnected);
        owner_.on_fault(Fault::environment_late, "the environment did not come in time");
    } else if (now >= due_.session) {
        expire(Fault::session_too_long, "the session took too long");
    } else {
        expire(Fault::late_after_hangup, "the handler took too long after the hangup");
    }
}

void Session::expire(Fault fault, std::string_view why) {
    while (!sleepers_.empty())
        fail(sleepers_.take_front(), End::timed_out, {});
    dialogue_.fail_all(End::timed_out);
    end(End::disconnected);
    due_.phase = wheel_.now() + kOvertimeInterval;
    wake_at(due_.phase);
    owner_.on_fault(fault, why);
    owner_.on_overtime();
}

/// Resumes those whose time has come, in order, but not those who begin to wait meanwhile.
void Session::wake_sleepers(Deadline now) {
    const auto last = last_id_;
    while (!sleepers_.empty() && sleepers_.front().deadline <= now && sleepers_.front().id <= last)
        complete(sleepers_.take_front(), End::replied, {});
    wake_at(next_deadline());
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
