// SPDX-License-Identifier: MIT
// The sockets of an execution context, in an epoll set of our own that Asio watches as a whole.
#pragma once

#include "transport/descriptor.hpp"
#include "transport/reserved_memory.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/execution_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace costrix::agi::detail {

/// A descriptor in the set. All calls of it come from the set.
class Watched {
public:
    Watched() = default;
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;

protected:
    ~Watched() = default;

private:
    friend class EpollSet;
    /// Something that keeps this alive, or null when it wants no events any more. Called under the
    /// set's lock.
    virtual std::shared_ptr<void> keep_alive() noexcept = 0;
    /// What epoll_wait said; it may have been removed since then. Called without the lock, on any
    /// thread of the context.
    virtual void on_ready(std::uint32_t events, std::shared_ptr<void> self) noexcept = 0;

    std::uint64_t handle_ = 0;  // in the set
};

/// Watches any number of descriptors, edge-triggered.
///
/// Asio's own sockets cost 192 bytes each in its reactor, never given back, and an operation with a
/// buffer for every read that waits. Here a session that waits costs nothing: bytes are read onto
/// the stack when they have come. The price, an epoll_wait and an epoll_ctl more, is paid once for
/// all that is ready at the same time.
///
/// The system knows a descriptor by a handle, not by its address: a child process that is just
/// being started has every socket too, and until it has closed them events come for what is gone
/// here.
class EpollSet final : public asio::execution_context::service {
public:
    using key_type = EpollSet;
    static inline asio::execution_context::id id;

    explicit EpollSet(asio::execution_context& context);

    /// Adds a descriptor; false, with errno, when the system refuses. `executor` is of this
    /// context.
    bool add(int descriptor, Watched& watched, const asio::any_io_executor& executor) noexcept;
    /// Says anew what to watch for, so that it is reported again if it is so already.
    void rearm(int descriptor, Watched& watched, bool writable) noexcept;
    /// Forgets what was added; on_ready() is not called any more, but may be running. The
    /// descriptor itself is still to be closed.
    void remove(Watched& watched) noexcept;
    /// The same for a descriptor whose open file others have too, so that closing it is not enough.
    void remove(int descriptor, Watched& watched) noexcept;

private:
    /// One that is watched, or the next place that is free.
    struct Place {
        Watched* watched = nullptr;
        std::uint32_t generation = 0;  // how often the place was given back
        std::uint32_t next_free = 0;
    };

    /// One that has something to be told.
    struct Ready {
        Watched* watched;
        std::shared_ptr<void> self;
        std::uint32_t events;
    };

    void shutdown() override;
    void arm();
    void pump();
    void fetch();
    std::uint64_t take_place(Watched& watched);
    void give_back(std::uint64_t handle) noexcept;
    Watched* find(std::uint64_t handle) const noexcept;

    ReservedMemory memory_;  // of the wait
    std::mutex mutex_;       // of all that follows
    Descriptor epoll_;
    Descriptor for_asio_;                                 // a duplicate, until asio_ owns it
    std::optional<asio::posix::stream_descriptor> asio_;  // the same descriptor, as Asio sees it
    std::size_t watched_ = 0;
    std::vector<Place> places_;
    std::uint32_t free_ = 0;  // the first free place; places_.size() when there is none
    std::array<epoll_event, 256> batch_;
    std::vector<Ready> ready_;  // used by pump() alone, which runs once at a time
    bool armed_ = false;
};

}  // namespace costrix::agi::detail
