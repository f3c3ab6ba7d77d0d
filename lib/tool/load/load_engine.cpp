// SPDX-License-Identifier: MIT
// The loop of a load: begins calls, dispatches events and timers, checks for time-outs.
#include "tool/load/load_engine.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace costrix::tool {

using std::chrono::nanoseconds;

namespace {

constexpr auto kTick = std::chrono::milliseconds(100);
// So that a burst of new calls does not keep the running ones waiting.
constexpr int kMaxBeginsAtOnce = 64;

/// Raises the limit of open files as far as the system allows.
void raise_descriptor_limit() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

LoadEngine::LoadEngine(
    const LoadOptions& options,
    const std::function<void(const LoadProgress&)>& progress
)
    : options_(options), progress_(progress), addresses_(resolve(options.url)), callers_(options),
      signals_(signal_context_, SIGINT, SIGTERM), epoll_(epoll_create1(EPOLL_CLOEXEC)),
      recorder_(started_) {
    if (options.rate > 0)
        schedule_.emplace(options.rate, options.ramp);
    for (const auto& rule : options.presses)
        unheard_.insert(rule.prompt);
    raise_descriptor_limit();
    await_signal();
}

LoadEngine::~LoadEngine() {
    for (auto& call : calls_) {
        if (call.socket >= 0)
            ::close(call.socket);
    }
    ::close(epoll_);
}

LoadResult LoadEngine::run() {
    while (!done()) {
        now_ = Clock::now();
        recorder_.advance(now_, at_once_);
        begin_calls();
        run_timers();
        if (now_ >= next_tick_)
            tick();
        poll();
    }
    now_ = Clock::now();
    recorder_.advance(now_, at_once_);
    auto result = recorder_.finish(now_, begun_until());
    if (connected_)
        result.unheard.assign(unheard_.begin(), unheard_.end());
    return result;
}

// ---------------------------------------------------------------- when calls begin

bool LoadEngine::done() const {
    return aborted_ || (at_once_ == 0 && !may_begin());
}

// What is due within the duration is begun behind it as well, when this thread was late.
bool LoadEngine::may_begin() const {
    const auto begun = recorder_.result().begun;
    const auto at = schedule_ ? next_due() : now_;
    return !stopping_ && (!options_.calls || begun < *options_.calls) &&
           (!options_.duration || at - started_ < *options_.duration);
}

/// When the next call is due: by the schedule, or when there is a place for it.
LoadEngine::Time LoadEngine::next_due() const {
    return schedule_ ? started_ + schedule_->due(recorder_.result().begun)
                     : std::max(last_ended_, not_before_);
}

/// Calls that were due by then, and have had no place until now, are never made.
void LoadEngine::give_up(nanoseconds until) {
    const auto begun = recorder_.result().begun;
    auto due = begun;
    while (schedule_ && (!options_.calls || due < *options_.calls) && schedule_->due(due) < until)
        ++due;
    recorder_.never_made(due - begun);
    stopping_ = true;
}

/// The end of the time in which calls began: a schedule's, or of the whole load.
LoadEngine::Time LoadEngine::begun_until() const {
    if (!schedule_)
        return now_;
    const auto& result = recorder_.result();
    auto end = schedule_->due(result.begun + result.never_made);
    if (options_.duration)
        end = std::min(end, *options_.duration);
    return std::max(started_ + end, last_begun_);
}

void LoadEngine::begin_calls() {
    auto places = options_.places();
    if (!schedule_)
        places = ramped_concurrency(places, options_.ramp, now_ - started_);
    full_ = behind_ = false;
    for (int i = 0; may_begin() && next_due() <= now_; ++i) {
        full_ = at_once_ >= places;
        behind_ = !full_ && i == kMaxBeginsAtOnce;
        if (full_)
            last_full_ = now_;
        if (full_ && schedule_ && options_.duration && now_ - started_ >= *options_.duration)
            give_up(*options_.duration);
        if (full_ || behind_)
            return;
        begin(next_due());
    }
}

// ---------------------------------------------------------------- what is to be done

void LoadEngine::poll() {
    auto until = next_tick_;
    if (!timers_.empty())
        until = std::min(until, timers_.top().at);
    if (behind_)
        until = now_;
    else if (!full_ && may_begin())
        until = std::min(until, next_due());
    const auto patience = std::max(nanoseconds(until - Clock::now()), nanoseconds{});
    const timespec time{
        .tv_sec = patience.count() / 1'000'000'000, .tv_nsec = patience.count() % 1'000'000'000};
    std::array<epoll_event, 256> events;
    const int ready =
        epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &time, nullptr);
    now_ = Clock::now();
    for (int i = 0; i < ready; ++i)
        handle(events[static_cast<std::size_t>(i)]);
}

void LoadEngine::handle(const epoll_event& event) {
    const auto place = static_cast<std::uint32_t>(event.data.u64);
    auto& call = calls_[place];
    if (call.socket < 0 || call.generation != event.data.u64 >> 32)
        return;
    if (call.connecting)
        finish_connect(place);
    else
        read(place);
}

void LoadEngine::run_timers() {
    while (!timers_.empty() && timers_.top().at <= now_) {
        const auto timer = timers_.top();
        timers_.pop();
        auto& call = calls_[timer.place];
        if (call.socket < 0 || call.generation != timer.generation || call.timer != timer.at)
            continue;
        call.timer = Time::max();
        const auto turn = call.asterisk->busy() ? timer.at : call.turn;
        call.asterisk->advance(timer.at - call.begun - call.asterisk->now());
        settle(timer.place, turn);
    }
}

// ---------------------------------------------------------------- every now and then

void LoadEngine::tick() {
    next_tick_ = now_ + kTick;
    signal_context_.poll();
    drop_silent_calls();
    if (progress_)
        progress_({now_ - started_, recorder_.result(), at_once_});
}

void LoadEngine::drop_silent_calls() {
    for (std::uint32_t place = 0; place < calls_.size(); ++place) {
        auto& call = calls_[place];
        if (call.socket < 0 || now_ - call.heard < options_.timeout)
            continue;
        if (call.connecting)
            fail(place, "connect: no answer");
        else if (!call.asterisk->busy())
            fail(place, call.asterisk->hung_up() ? "not ended after the hangup" : "no command");
    }
}

// The first signal lets the running calls end, the second aborts them.
void LoadEngine::await_signal() {
    signals_.async_wait([this](std::error_code error, int) {
        if (error)
            return;
        aborted_ = stopping_;
        if (!stopping_)
            give_up(now_ - started_);
        recorder_.interrupted();
        await_signal();
    });
}

LoadResult
run_load(const LoadOptions& options, const std::function<void(const LoadProgress&)>& progress) {
    return LoadEngine(options, progress).run();
}

}  // namespace costrix::tool
