// SPDX-License-Identifier: MIT
// Waiting for a while, on the session's own deadlines.
#include "session/session.hpp"

#include <algorithm>

namespace costrix::agi::detail {

void Session::sleep(Operation& operation) {
    if (closed_) {
        ++attempts_;
        if (!drop_stuck(operation))
            fail_later(operation, hangup_);
        return;
    }
    const auto later = std::find_if(sleepers_.begin(), sleepers_.end(), [&](const auto& one) {
        return one.deadline > operation.deadline;
    });
    sleepers_.insert(later, operation);
    if (operation.deadline <= wheel_.now())
        run_later([this] { wake_sleepers(wheel_.now()); });
    else
        watch_clock(operation.deadline);
}

/// Resumes those whose time has come, in the order of their times, and sets the wheel anew.
void Session::wake_sleepers(Deadline now) {
    const auto last = last_id_;
    while (!sleepers_.empty() && sleepers_.front().deadline <= now && sleepers_.front().id <= last)
        wake(sleepers_);
    watch_clock(next_deadline());
}

}  // namespace costrix::agi::detail
