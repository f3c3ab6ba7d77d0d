// SPDX-License-Identifier: MIT
// What a running server tells the service manager: that it is ready, alive, busy, stopping.
#include "server/service_notifier.hpp"

#include <costrix/asio.hpp>

#include <algorithm>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

constexpr auto kStatusInterval = std::chrono::seconds(5);

/// Four times in the time that the service manager allows: one tick may be lost when a loop ends.
std::chrono::steady_clock::duration
interval_of(const std::optional<std::chrono::microseconds>& watchdog) {
    const std::chrono::microseconds longest = kStatusInterval, shortest{1000};
    return watchdog ? std::clamp(*watchdog / 4, shortest, longest) : longest;
}

}  // namespace

std::shared_ptr<ServiceNotifier> ServiceNotifier::make(const std::vector<OwnedLoop>& loops) {
    NotifySocket socket;
    return socket ? std::make_shared<ServiceNotifier>(loops, std::move(socket)) : nullptr;
}

ServiceNotifier::ServiceNotifier(const std::vector<OwnedLoop>& loops, NotifySocket socket)
    : loops_(loops), socket_(std::move(socket)), watchdog_(watchdog_timeout()),
      interval_(interval_of(watchdog_)), timer_(*loops.front().context),
      awaited_(loops.size(), false) {}

void ServiceNotifier::start() {
    std::lock_guard lock(mutex_);
    if (!stopping_)
        socket_.send("READY=1\nSTATUS=" + (told_ = status()), NotifySocket::Wait::seconds);
    wait();
}

void ServiceNotifier::stopping() {
    std::lock_guard lock(mutex_);
    if (!std::exchange(stopping_, true) && !finished_)
        socket_.send("STOPPING=1\nSTATUS=" + (told_ = status()));
}

void ServiceNotifier::finish() {
    std::lock_guard lock(mutex_);
    finished_ = true;
    timer_.cancel();
}

void ServiceNotifier::wait() {
    timer_.expires_after(interval_);
    timer_.async_wait([self = shared_from_this()](error_code cancelled) {
        if (!cancelled)
            self->tick();
    });
}

void ServiceNotifier::tick() {
    {
        std::lock_guard lock(mutex_);
        if (finished_)
            return;
        wait();
        if (auto now = status(); now != told_)
            socket_.send("STATUS=" + (told_ = std::move(now)));
    }
    if (watchdog_)
        probe();
}

std::string ServiceNotifier::status() const {
    std::size_t calls = 0;
    for (const auto& owned : loops_)
        calls += owned.loop->sessions();
    return (stopping_ ? "draining: " : "") + std::to_string(calls) +
           (calls == 1 ? " call" : " calls");
}

/// Posts nothing while a loop has not turned since the last time.
void ServiceNotifier::probe() {
    {
        std::lock_guard lock(mutex_);
        if (!all_turned())
            return;
        for (std::size_t i = 0; i < loops_.size(); ++i)
            awaited_[i] = !loops_[i].context->stopped();
    }
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        if (!loops_[i].context->stopped())
            asio::post(*loops_[i].context, [self = shared_from_this(), i] { self->turned(i); });
    }
}

void ServiceNotifier::turned(std::size_t loop) {
    std::lock_guard lock(mutex_);
    awaited_[loop] = false;
    if (all_turned() && !finished_)
        socket_.send("WATCHDOG=1");
}

/// A loop that has drained runs nothing any more.
bool ServiceNotifier::all_turned() const {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        if (awaited_[i] && !loops_[i].context->stopped())
            return false;
    }
    return true;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
