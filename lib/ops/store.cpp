// SPDX-License-Identifier: MIT
// Counters by thread, and the little that all threads share.
#include "ops/store.hpp"

#include <costrix/agi/protocol/command_table.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>

namespace costrix::inline COSTRIX_ABI::ops::detail {

static_assert(agi::kCommandTable.size() == kOther);

std::string_view command_name(std::size_t index) noexcept {
    return index < kOther ? agi::kCommandTable[index].name : "other";
}

Store::Store()
    : shard_count_(std::clamp(std::thread::hardware_concurrency(), 1U, 32U)),
      shards_(std::make_unique<Shard[]>(shard_count_)) {
    for (std::size_t i = 0; i < shard_count_; ++i)
        shards_[i].store = this;
}

Shard& Store::shard() noexcept {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t number = threads.fetch_add(1, std::memory_order_relaxed);
    return shards_[number % shard_count_];
}

std::uint16_t Store::route_number(std::string_view route) {
    const std::lock_guard lock(mutex_);
    const auto known = routes_.find(route);
    if (known != routes_.end())
        return known->second;
    const auto number = static_cast<std::uint16_t>(std::min(routes_.size(), kMaxRoutes - 1));
    if (routes_.size() < kMaxRoutes - 1)
        routes_.emplace(route, number);
    return number;
}

void Store::add_event(std::string_view kind, std::string_view what, std::string who) {
    Event event{
        std::chrono::system_clock::now(), std::string(kind), std::string(what), std::move(who)};
    const std::lock_guard lock(mutex_);
    events_.push_front(std::move(event));
    if (events_.size() > kMaxEvents)
        events_.pop_back();
}

void Store::on_overload(bool full) {
    if (full)
        ++full_loops_;
    else
        --full_loops_;
    add_event(
        full ? "full" : "accepting",
        full ? "maximum number of sessions of an event loop reached: it accepts no new calls"
             : "that event loop accepts new calls again",
        ""
    );
}

void Store::on_drain(std::size_t sessions) {
    to_drain_ += sessions;
    if (!draining_.exchange(true))
        add_event("drain", "shutting down: no new calls, the present ones go on", "");
}

HistogramSum Store::command(std::size_t index) const noexcept {
    const auto number = index == kOther ? 0 : index + 1;
    HistogramSum sum;
    for (std::size_t i = 0; i < shard_count_; ++i)
        sum += shards_[i].commands.read(number);
    return sum;
}

HistogramSum Store::route(std::size_t number) const noexcept {
    HistogramSum sum;
    for (std::size_t i = 0; i < shard_count_; ++i)
        sum += shards_[i].routes.read(number);
    return sum;
}

std::vector<std::string> Store::routes() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> all(routes_.size());
    for (const auto& [route, number] : routes_)
        all[number] = route;
    if (all.size() == kMaxRoutes - 1)
        all.emplace_back("other");
    return all;
}

std::vector<Event> Store::events() const {
    const std::lock_guard lock(mutex_);
    return {events_.begin(), events_.end()};
}

std::uint64_t Store::late_frames() const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < shard_count_; ++i)
        sum += shards_[i].late_frames.load(std::memory_order_relaxed);
    return sum;
}

std::uint64_t Store::lost_samples() const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < shard_count_; ++i)
        sum += shards_[i].lost_samples.load(std::memory_order_relaxed);
    return sum;
}

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
