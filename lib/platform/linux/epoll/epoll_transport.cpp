// SPDX-License-Identifier: MIT
// FastAGI's transport: a TCP socket.
#include "platform/linux/epoll/epoll_transport.hpp"

#include <costrix/asio.hpp>

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

error_code last_error() noexcept {
    return {errno, asio::error::get_system_category()};
}

bool would_block() noexcept {
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

}  // namespace

EpollTransport::EpollTransport(
    Descriptor socket,
    std::shared_ptr<const asio::any_io_executor> executor,
    bool direct
)
    : set_(asio::use_service<EpollSet>(executor->context())), executor_(std::move(executor)),
      socket_(std::move(socket)), direct_(direct) {}

void EpollTransport::start(TransportEvents& events, std::shared_ptr<void> owner) {
    events_ = &events;
    owner_ = std::move(owner);
    const auto error = set_.add(socket_.number(), *this, *executor_);
    watched_ = !error;
    if (error)
        events_->on_read(error, {});
}

std::size_t EpollTransport::write_some(std::string_view bytes, error_code& error) {
    while (true) {
        const auto size = ::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (size >= 0)
            return static_cast<std::size_t>(size);
        if (errno == EINTR)
            continue;
        if (!would_block())
            error = last_error();
        return 0;
    }
}

void EpollTransport::wait_writable() {
    wants_writable_ = true;
    set_.rearm(socket_.number(), *this, true);
}

asio::ip::address EpollTransport::local_address() const {
    asio::ip::tcp::endpoint endpoint;
    auto size = static_cast<socklen_t>(endpoint.capacity());
    if (::getsockname(socket_.number(), endpoint.data(), &size) != 0)
        return {};
    const auto family = endpoint.protocol().family();
    return family == AF_INET || family == AF_INET6 ? endpoint.address() : asio::ip::address();
}

void EpollTransport::close() noexcept {
    if (std::exchange(watched_, false))
        set_.remove(*this);
    socket_.close();
    const auto owner = std::move(owner_);
}

void EpollTransport::on_ready(std::uint32_t events, std::shared_ptr<void> self) noexcept {
    if (direct_) {
        handle(events);
        return;
    }
    auto there = [this, events, self = std::move(self)] { handle(events); };
    asio::post(*executor_, std::move(there));  // this thread has others to tell
}

void EpollTransport::handle(std::uint32_t events) noexcept {
    constexpr std::uint32_t kEnded = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    try {
        if (socket_ && wants_writable_ && (events & (EPOLLOUT | kEnded))) {
            wants_writable_ = false;
            events_->on_writable();
        }
        if (events & (EPOLLIN | kEnded))
            read((events & kEnded) != 0);
    } catch (...) {
        fail();
    }
}

/// An exception, such as bad_alloc, ends this session and nothing else.
void EpollTransport::fail() noexcept {
    ended_ = true;
    try {
        if (socket_)
            events_->on_read(asio::error::no_memory, {});
    } catch (...) {
        close();
    }
}

/// Edge-triggered: all that is there must be read. Less than was asked for means that nothing is
/// left, so that the call that would say EAGAIN is saved. Where there is more, others have their
/// turn first.
void EpollTransport::read(bool ended) {
    std::array<char, kReadSize> buffer;
    while (socket_ && !ended_) {
        const auto size = ::recv(socket_.number(), buffer.data(), buffer.size(), 0);
        if (size > 0) {
            events_->on_read({}, std::string_view(buffer.data(), static_cast<std::size_t>(size)));
            const bool full = static_cast<std::size_t>(size) == buffer.size();
            if (full && socket_)
                set_.rearm(socket_.number(), *this, wants_writable_);
            if (full || !ended)
                return;
            continue;
        }
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0 && would_block())
            return;
        ended_ = true;
        events_->on_read(size == 0 ? make_error_code(asio::error::eof) : last_error(), {});
    }
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
