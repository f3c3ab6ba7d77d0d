// SPDX-License-Identifier: MIT
// The sockets of an execution context, in an epoll set of our own that Asio watches as a whole.
#include "platform/linux/epoll/epoll_set.hpp"

#include "transport/without_strand.hpp"

#include <costrix/asio.hpp>

#include <fcntl.h>
#include <system_error>

#include <cerrno>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

/// A handle is a place and, above it, its generation.
constexpr std::size_t place_of(std::uint64_t handle) noexcept {
    return handle & 0xffff'ffff;
}

constexpr std::uint32_t generation_of(std::uint64_t handle) noexcept {
    return static_cast<std::uint32_t>(handle >> 32);
}

epoll_event event_of(std::uint64_t handle, bool writable) noexcept {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | EPOLLET | (writable ? EPOLLOUT : 0U);
    event.data.u64 = handle;
    return event;
}

}  // namespace

EpollSet::EpollSet(asio::execution_context& context)
    : asio::execution_context::service(context), epoll_(epoll_create1(EPOLL_CLOEXEC)),
      for_asio_(::fcntl(epoll_.number(), F_DUPFD_CLOEXEC, 0)) {
    if (!epoll_ || !for_asio_)
        throw std::system_error(errno, std::system_category(), "epoll_create1");
    ready_.reserve(batch_.size());
}

error_code
EpollSet::add(int descriptor, EpollEntry& entry, const asio::any_io_executor& executor) noexcept {
    std::lock_guard lock(mutex_);
    try {
        if (for_asio_)
            watch(without_strand(executor));
        if (!armed_)
            arm();
        entry.handle_ = take_place(entry);
    } catch (const system_error& error) {
        return error.code();  // epoll_ctl's
    } catch (const std::bad_alloc&) {
        return asio::error::no_memory;
    }
    auto event = event_of(entry.handle_, false);
    if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
        const error_code error(errno, asio::error::get_system_category());
        free_place(entry.handle_);
        disarm_if_empty();
        return error;
    }
    ++entries_;
    return {};
}

void EpollSet::rearm(int descriptor, EpollEntry& entry, bool writable) noexcept {
    auto event = event_of(entry.handle_, writable);
    epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, descriptor, &event);
}

void EpollSet::remove(EpollEntry& entry) noexcept {
    std::lock_guard lock(mutex_);
    free_place(entry.handle_);
    --entries_;
    disarm_if_empty();
}

void EpollSet::remove(int descriptor, EpollEntry& entry) noexcept {
    epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr);
    remove(entry);
}

std::uint64_t EpollSet::take_place(EpollEntry& entry) {
    if (free_ == places_.size())
        places_.push_back({.next_free = free_ + 1});
    const auto place = free_;
    auto& taken = places_[place];
    free_ = taken.next_free;
    taken.entry = &entry;
    return std::uint64_t{taken.generation} << 32 | place;
}

void EpollSet::free_place(std::uint64_t handle) noexcept {
    auto& place = places_[place_of(handle)];
    place.entry = nullptr;
    ++place.generation;
    place.next_free = std::exchange(free_, static_cast<std::uint32_t>(place_of(handle)));
}

EpollEntry* EpollSet::find(std::uint64_t handle) const noexcept {
    const auto& place = places_[place_of(handle)];
    return place.generation == generation_of(handle) ? place.entry : nullptr;
}

void EpollSet::watch(const asio::any_io_executor& executor) {
    using Usual = asio::io_context::executor_type;
    if (holds<Usual>(executor))
        asio_.emplace<OnIoContext>(*executor.target<Usual>(), for_asio_.number());
    else
        asio_.emplace<OnAny>(executor, for_asio_.number());
    for_asio_.release();
}

void EpollSet::shutdown() {
    std::lock_guard lock(mutex_);
    asio_.emplace<std::monostate>();
}

void EpollSet::arm() {
    armed_ = with_asio([this](auto& descriptor) {
        const WaitAllocator<std::byte> memory(memory_);
        auto ready = [this](error_code) { pump(); };
        descriptor.async_wait(OnAny::wait_read, asio::bind_allocator(memory, std::move(ready)));
    });
}

/// An empty set keeps no work in its context.
void EpollSet::disarm_if_empty() noexcept {
    error_code ignored;
    if (entries_ == 0 && armed_)
        with_asio([&ignored](auto& descriptor) { descriptor.cancel(ignored); });
}

/// Reports a batch of events, then waits again: what is left is reported at once, but the context's
/// other work, new calls and deadlines among it, has its turn first.
void EpollSet::pump() {
    fetch();
    for (auto& [entry, self, events] : ready_)
        entry->on_ready(events, std::move(self));
    ready_.clear();
    std::lock_guard lock(mutex_);
    armed_ = false;
    if (entries_ > 0)
        arm();
}

/// Finds out who is ready, or the first of them.
void EpollSet::fetch() {
    std::lock_guard lock(mutex_);
    const int count =
        epoll_wait(epoll_.number(), batch_.data(), static_cast<int>(batch_.size()), 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event event = batch_[static_cast<std::size_t>(i)];
        auto* const entry = find(event.data.u64);
        if (auto self = entry ? entry->keep_alive() : nullptr)
            ready_.push_back({entry, std::move(self), event.events});
    }
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
