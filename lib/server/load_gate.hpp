// SPDX-License-Identifier: MIT
// Overload control: when a loop refuses new calls, and when it accepts them again.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The limits on one loop's sessions.
///
/// At the limit new calls are refused, which is what Asterisk understands: it tries the next
/// address of its list, or goes on in the dialplan, at once. They are accepted again when a tenth
/// of the sessions has ended. Used by the loop, except for what says otherwise.
class LoadGate {
public:
    /// `busy`: sessions of the busy handler, beyond `sessions`.
    void set_limits(std::size_t sessions, std::size_t busy) noexcept {
        max_sessions_ = std::max<std::size_t>(sessions, 1);
        max_busy_ = busy;
    }

    /// True when the next call is one for the busy handler. `sessions`, here and below: now.
    bool next_is_busy(std::size_t sessions) const noexcept {
        return max_busy_ > 0 && sessions - busy_ >= max_sessions_;
    }
    void enter_busy() noexcept { ++busy_; }
    /// Any thread.
    void leave_busy() noexcept { --busy_; }

    /// How many more calls may come.
    std::size_t room(std::size_t sessions) const noexcept {
        return limit() - std::min(sessions, limit());
    }
    /// Begins to refuse calls when there is no more room; false if it does already.
    bool close(std::size_t sessions) noexcept {
        return sessions >= limit() && !refusing_.exchange(true);
    }
    /// True when calls are refused although there is room again. Any thread.
    bool can_open(std::size_t sessions) const noexcept {
        return refusing_ && sessions <= limit() - std::max<std::size_t>(limit() / 10, 1);
    }
    /// Accepts calls again if it can_open(); false otherwise.
    bool open(std::size_t sessions) noexcept {
        return can_open(sessions) && refusing_.exchange(false);
    }

private:
    std::size_t limit() const noexcept { return max_sessions_ + max_busy_; }

    std::size_t max_sessions_ = 1;
    std::size_t max_busy_ = 0;
    std::atomic<std::size_t> busy_ = 0;
    std::atomic<bool> refusing_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
