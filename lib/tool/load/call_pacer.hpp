// SPDX-License-Identifier: MIT
// Decides when the calls of a load begin.
#pragma once

#include "tool/load/load_options.hpp"
#include "tool/load/load_recorder.hpp"
#include "tool/load/schedule.hpp"

#include <chrono>
#include <cstddef>
#include <optional>

namespace costrix::tool {

/// Begins calls at a rate, or as soon as others end; never more at once than the options allow.
///
/// It has no clock of its own: pass the current time, which must not decrease.
class CallPacer {
public:
    using Time = Recorder::Time;

    CallPacer(const LoadOptions& options, Recorder& recorder, Time started);

    /// Starts a round of begin_next(), which begins a limited number of calls.
    void start_round();
    /// Begins a call if one is due and may begin in this round: returns when it was due.
    std::optional<Time> begin_next(Time now);
    void ended(Time now);

    /// Begins no call before this time; a schedule ignores it.
    void wait_until(Time time) { not_before_ = time; }
    /// Begins no more calls.
    void stop() { stopping_ = true; }
    /// Begins no more calls; those due before `until` that have not begun count as never made.
    void give_up(Time until);

    std::size_t at_once() const { return at_once_; }
    bool stopping() const { return stopping_; }
    /// Whether all calls have ended and no more will begin.
    bool done(Time now) const;
    /// When the next round is worth starting; Time::max() if a call must end first.
    Time next_round(Time now) const;
    /// The end of the time in which calls began: of the schedule, or of the whole load.
    Time begun_until(Time now) const;

private:
    bool may_begin(Time now) const;
    Time next_due() const;
    std::size_t max_at_once(Time now) const;

    const LoadOptions& options_;
    Recorder& recorder_;
    std::optional<Schedule> schedule_;
    Time started_;
    Time last_begun_ = started_;
    Time last_ended_ = started_;
    Time not_before_ = started_;
    Time last_full_ = Time::min();
    std::size_t at_once_ = 0;
    int begun_in_round_ = 0;
    bool full_ = false;    ///< a call is due, but the maximum is running
    bool behind_ = false;  ///< more calls are due than begin in a round
    bool stopping_ = false;
};

}  // namespace costrix::tool
