// SPDX-License-Identifier: MIT
// The sockets of an execution context, in an epoll set of our own that Asio watches as a whole.
#include "transport/epoll_set.hpp"

#include <asio/posix/descriptor_base.hpp>
#include <system_error>

#include <cerrno>

namespace costrix::agi::detail {
namespace {

epoll_event event_of(Watched& watched, bool writable) noexcept {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | EPOLLET | (writable ? EPOLLOUT : 0U);
    event.data.ptr = &watched;
    return event;
}

}  // namespace

EpollSet::EpollSet(asio::execution_context& context)
    : asio::execution_context::service(context), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_)
        throw std::system_error(errno, std::system_category(), "epoll_create1");
}

bool EpollSet::add(
    int descriptor,
    Watched& watched,
    const asio::any_io_executor& executor
) noexcept {
    try {
        std::lock_guard lock(mutex_);
        auto event = event_of(watched, false);
        if (!asio_)
            asio_.emplace(executor, ::dup(epoll_.number()));
        if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, descriptor, &event) != 0)
            return false;
        ++watched_;
        if (!armed_)
            arm();
    } catch (...) {
        errno = ENOMEM;
        return false;
    }
    return true;
}

void EpollSet::rearm(int descriptor, Watched& watched, bool writable) noexcept {
    auto event = event_of(watched, writable);
    epoll_ctl(epoll_.number(), EPOLL_CTL_MOD, descriptor, &event);
}

void EpollSet::remove(Watched& watched) noexcept {
    std::lock_guard lock(mutex_);
    for (auto i = batch_begin_; i < batch_end_; ++i) {
        if (batch_[i].data.ptr == &watched)
            batch_[i].data.ptr = nullptr;
    }
    // A set that is empty keeps no work in its context.
    if (--watched_ == 0 && armed_ && asio_) {
        std::error_code ignored;
        asio_->cancel(ignored);
    }
}

void EpollSet::remove(int descriptor, Watched& watched) noexcept {
    epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, descriptor, nullptr);
    remove(watched);
}

void EpollSet::shutdown() {
    std::lock_guard lock(mutex_);
    asio_.reset();
}

void EpollSet::arm() {
    armed_ = true;
    asio_->async_wait(asio::posix::descriptor_base::wait_read, [this](std::error_code) { pump(); });
}

/// Tells everybody of what has happened, then waits again.
void EpollSet::pump() {
    std::unique_lock lock(mutex_);
    for (bool full = true; full;) {
        const int ready =
            epoll_wait(epoll_.number(), batch_.data(), static_cast<int>(batch_.size()), 0);
        batch_begin_ = 0;
        batch_end_ = ready > 0 ? static_cast<std::size_t>(ready) : 0;
        full = batch_end_ == batch_.size();
        while (batch_begin_ < batch_end_) {
            const epoll_event event = batch_[batch_begin_++];
            auto* const watched = static_cast<Watched*>(event.data.ptr);
            auto self = watched ? watched->keep_alive() : nullptr;
            if (!self)
                continue;
            lock.unlock();
            watched->on_ready(event.events, std::move(self));
            lock.lock();
        }
    }
    armed_ = false;
    if (watched_ > 0 && asio_)
        arm();
}

}  // namespace costrix::agi::detail
