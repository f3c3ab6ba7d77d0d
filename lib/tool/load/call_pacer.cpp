// SPDX-License-Identifier: MIT
// Decides when the calls of a load begin.
#include "tool/load/call_pacer.hpp"

#include <algorithm>

namespace costrix::tool {

namespace {

// A burst of new calls must not keep the running ones waiting.
constexpr int kMaxBegunInRound = 64;

}  // namespace

CallPacer::CallPacer(const LoadOptions& options, Recorder& recorder, Time started)
    : options_(options), recorder_(recorder), started_(started) {
    if (options.rate > 0)
        schedule_.emplace(options.rate, options.ramp);
}

void CallPacer::start_round() {
    begun_in_round_ = 0;
    full_ = behind_ = false;
}

std::optional<CallPacer::Time> CallPacer::begin_next(Time now) {
    const auto due = next_due();
    if (!may_begin(now) || due > now)
        return std::nullopt;
    full_ = at_once_ >= max_at_once(now);
    behind_ = !full_ && begun_in_round_ == kMaxBegunInRound;
    if (full_) {
        last_full_ = now;
        if (schedule_ && options_.duration && now - started_ >= *options_.duration)
            give_up(started_ + *options_.duration);
    }
    if (full_ || behind_)
        return std::nullopt;
    ++begun_in_round_;
    ++at_once_;
    last_begun_ = now;
    recorder_.begun(now, due, last_full_ >= due, at_once_);
    return due;
}

void CallPacer::ended(Time now) {
    --at_once_;
    last_ended_ = now;
    recorder_.ended();
}

void CallPacer::give_up(Time until) {
    const auto begun = recorder_.result().begun;
    auto due = begun;
    while (schedule_ && (!options_.calls || due < *options_.calls) &&
           schedule_->due(due) < until - started_)
        ++due;
    recorder_.never_made(due - begun);
    stopping_ = true;
}

bool CallPacer::done(Time now) const {
    return at_once_ == 0 && !may_begin(now);
}

CallPacer::Time CallPacer::next_round(Time now) const {
    if (behind_)
        return now;
    return !full_ && may_begin(now) ? next_due() : Time::max();
}

CallPacer::Time CallPacer::begun_until(Time now) const {
    if (!schedule_)
        return now;
    const auto& result = recorder_.result();
    auto end = schedule_->due(result.begun + result.never_made);
    if (options_.duration)
        end = std::min(end, *options_.duration);
    return std::max(started_ + end, last_begun_);
}

// If this thread is late, calls that were due within the duration begin after it.
bool CallPacer::may_begin(Time now) const {
    const auto at = schedule_ ? next_due() : now;
    return !stopping_ && (!options_.calls || recorder_.result().begun < *options_.calls) &&
           (!options_.duration || at - started_ < *options_.duration);
}

/// When the next call is due: by the schedule, or since a running one has ended.
CallPacer::Time CallPacer::next_due() const {
    return schedule_ ? started_ + schedule_->due(recorder_.result().begun)
                     : std::max(last_ended_, not_before_);
}

std::size_t CallPacer::max_at_once(Time now) const {
    const auto max = options_.max_at_once();
    return schedule_ ? max : ramped_concurrency(max, options_.ramp, now - started_);
}

}  // namespace costrix::tool
