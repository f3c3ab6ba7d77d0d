// SPDX-License-Identifier: MIT
// The loop of a load: begins calls, dispatches events and timers, checks for timeouts.
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
      signals_(signal_context_, SIGINT, SIGTERM), pacer_(options, recorder_, started_) {
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
}

LoadResult LoadEngine::run() {
    while (!aborted_ && !pacer_.done(now_)) {
        now_ = Clock::now();
        recorder_.advance(now_, pacer_.at_once());
        pacer_.start_round();
        while (const auto due = pacer_.begin_next(now_))
            begin(*due);
        run_timers();
        if (now_ >= next_tick_)
            tick();
        poll();
    }
    now_ = Clock::now();
    recorder_.advance(now_, pacer_.at_once());
    auto result = recorder_.finish(now_, pacer_.begun_until(now_));
    if (addresses_.reached())
        result.unheard.assign(unheard_.begin(), unheard_.end());
    return result;
}

// ---------------------------------------------------------------- events and timers

void LoadEngine::poll() {
    auto until = std::min(next_tick_, pacer_.next_round(now_));
    if (!timers_.empty())
        until = std::min(until, timers_.top().at);
    const auto wait = std::max(nanoseconds(until - Clock::now()), nanoseconds{});
    const auto& ready = poll_set_.wait(wait);
    now_ = Clock::now();
    for (const auto tag : ready)
        handle(tag);
}

void LoadEngine::handle(std::uint64_t tag) {
    if (LoadAudio::is_audio(tag)) {
        handle_audio(tag);
        return;
    }
    const auto slot = static_cast<std::uint32_t>(tag);
    auto& call = calls_[slot];
    if (call.socket < 0 || call.generation != tag >> 32)
        return;
    if (call.connecting)
        finish_connect(slot);
    else
        read(slot);
}

void LoadEngine::handle_audio(std::uint64_t tag) {
    const auto slot = audio_.slot_of(tag);
    if (!slot)
        return;
    auto& call = calls_[*slot];
    const auto passed = now_ - call.begun - call.asterisk->now();
    if (passed > nanoseconds{})
        call.asterisk->advance(passed);
    call.heard = now_;
    audio_.handle(tag, now_);
    settle(*slot, std::nullopt);
}

void LoadEngine::run_timers() {
    while (!timers_.empty() && timers_.top().at <= now_) {
        const auto timer = timers_.top();
        timers_.pop();
        auto& call = calls_[timer.slot];
        if (call.socket < 0 || call.generation != timer.generation || call.timer != timer.at)
            continue;
        call.timer = Time::max();
        const auto turn = call.asterisk->busy() ? timer.at : call.turn;
        call.asterisk->advance(timer.at - call.begun - call.asterisk->now());
        settle(timer.slot, turn);
    }
}

// ---------------------------------------------------------------- periodic checks

void LoadEngine::tick() {
    next_tick_ = now_ + kTick;
    signal_context_.poll();
    drop_silent_calls();
    if (progress_)
        progress_({now_ - started_, recorder_.result(), pacer_.at_once()});
}

void LoadEngine::drop_silent_calls() {
    for (std::uint32_t slot = 0; slot < calls_.size(); ++slot) {
        auto& call = calls_[slot];
        if (call.socket < 0 || now_ - call.heard < options_.timeout)
            continue;
        if (call.connecting)
            fail(slot, "connect: no answer");
        else if (!call.asterisk->busy())
            fail(slot, call.asterisk->hung_up() ? "not ended after the hangup" : "no command");
    }
}

// The first signal lets the running calls end, the second aborts them.
void LoadEngine::await_signal() {
    signals_.async_wait([this](error_code error, int) {
        if (error)
            return;
        aborted_ = pacer_.stopping();
        if (!aborted_)
            pacer_.give_up(now_);
        recorder_.interrupted();
        await_signal();
    });
}

LoadResult
run_load(const LoadOptions& options, const std::function<void(const LoadProgress&)>& progress) {
    return LoadEngine(options, progress).run();
}

}  // namespace costrix::tool
