// SPDX-License-Identifier: MIT
// The sockets of an execution context, in an epoll set of our own that Asio watches as a whole.
#pragma once

#include "platform/descriptor.hpp"

#include <costrix/asio.hpp>

#include <sys/epoll.h>
#include <system_error>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// A descriptor in the set. Only the set calls it.
class EpollEntry {
protected:
    ~EpollEntry() = default;

private:
    friend class EpollSet;
    /// Shares ownership of this, or null if it wants no more events. Called under the set's lock.
    virtual std::shared_ptr<void> keep_alive() noexcept = 0;
    /// What epoll_wait reported; the entry may have been removed since. Called without the lock, on
    /// any thread of the context.
    virtual void on_ready(std::uint32_t events, std::shared_ptr<void> self) noexcept = 0;

    std::uint64_t handle_ = 0;  // in the set
};

/// Watches any number of descriptors, edge-triggered.
///
/// Each of Asio's own sockets costs 192 bytes in its reactor, never given back, and an operation
/// with a buffer for every pending read. Here a session that waits costs nothing: bytes are read
/// onto the stack when they have come. The price, one more epoll_wait and epoll_ctl, is paid once
/// for all that is ready at the same time.
///
/// Between fork and exec a child process holds duplicates of our sockets, so epoll can still report
/// sockets that we have closed. Generation-counted handles let us ignore those events.
class EpollSet final : public asio::execution_context::service {
public:
    using key_type = EpollSet;
    static inline asio::execution_context::id id;

    explicit EpollSet(asio::execution_context& context);

    /// Adds a descriptor, or returns why the system refuses. `executor` belongs to this context.
    error_code
    add(int descriptor, EpollEntry& entry, const asio::any_io_executor& executor) noexcept;
    /// Reports the entry again if it is ready now, for writing too if `writable`.
    void rearm(int descriptor, EpollEntry& entry, bool writable) noexcept;
    /// Removes an entry: on_ready() is not called any more, but may be running. The descriptor is
    /// still to be closed.
    void remove(EpollEntry& entry) noexcept;
    /// The same for a descriptor that others share, so that closing it is not enough.
    void remove(int descriptor, EpollEntry& entry) noexcept;

private:
    /// An entry, or the next free place.
    struct Place {
        EpollEntry* entry = nullptr;
        std::uint32_t generation = 0;  // how often the place has been freed
        std::uint32_t next_free = 0;
    };

    struct Ready {
        EpollEntry* entry;
        std::shared_ptr<void> self;
        std::uint32_t events;
    };

    void shutdown() override;
    void arm();
    void disarm_if_empty() noexcept;
    void pump();
    void fetch();
    std::uint64_t take_place(EpollEntry& entry);
    void free_place(std::uint64_t handle) noexcept;
    EpollEntry* find(std::uint64_t handle) const noexcept;

    std::mutex mutex_;  // of all that follows
    Descriptor epoll_;
    Descriptor for_asio_;                                 // a duplicate, until asio_ owns it
    std::optional<asio::posix::stream_descriptor> asio_;  // the same descriptor, as Asio sees it
    std::size_t entries_ = 0;
    std::vector<Place> places_;
    std::uint32_t free_ = 0;  // the first free place; places_.size() if there is none
    std::array<epoll_event, 256> batch_;
    std::vector<Ready> ready_;  // used by pump() alone, which runs once at a time
    bool armed_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
