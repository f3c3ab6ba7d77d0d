// SPDX-License-Identifier: MIT
// A poll set by epoll: its costs depend on how many are ready, not on how many are watched.
#include "platform/poll_set.hpp"

#include "platform/descriptor.hpp"

#include <sys/epoll.h>
#include <system_error>

#include <array>
#include <cerrno>
#include <ctime>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

epoll_event event(PollSet::Interest interest, std::uint64_t tag) noexcept {
    const bool writable = interest == PollSet::Interest::writable;
    return {.events = writable ? EPOLLOUT : EPOLLIN, .data = {.u64 = tag}};
}

}  // namespace

struct PollSet::Impl {
    Descriptor epoll{epoll_create1(EPOLL_CLOEXEC)};
    std::array<epoll_event, 256> events;
};

PollSet::PollSet() : impl_(std::make_unique<Impl>()) {
    if (!impl_->epoll)
        throw std::system_error(errno, std::system_category(), "epoll_create1");
}

PollSet::~PollSet() = default;

bool PollSet::add(int descriptor, Interest interest, std::uint64_t tag) {
    auto wanted = event(interest, tag);
    return epoll_ctl(impl_->epoll.number(), EPOLL_CTL_ADD, descriptor, &wanted) == 0;
}

void PollSet::change(int descriptor, Interest interest, std::uint64_t tag) {
    auto wanted = event(interest, tag);
    epoll_ctl(impl_->epoll.number(), EPOLL_CTL_MOD, descriptor, &wanted);
}

/// Nothing to do: closing it removes it, since it has no duplicate.
void PollSet::remove(int) noexcept {}

const std::vector<std::uint64_t>& PollSet::wait(std::chrono::nanoseconds longest) {
    const timespec time{
        .tv_sec = longest.count() / 1'000'000'000, .tv_nsec = longest.count() % 1'000'000'000};
    auto& events = impl_->events;
    const int size = epoll_pwait2(
        impl_->epoll.number(), events.data(), static_cast<int>(events.size()), &time, nullptr
    );
    ready_.clear();
    for (int i = 0; i < size; ++i) {
        // A copy: epoll_event is packed, so that a reference to its tag would not be aligned.
        const std::uint64_t tag = events[static_cast<std::size_t>(i)].data.u64;
        ready_.push_back(tag);
    }
    return ready_;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
