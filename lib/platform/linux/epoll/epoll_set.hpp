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
#include <new>
#include <utility>
#include <variant>
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

/// The memory of one wait at a time, so that running out of memory cannot stop it.
class WaitMemory {
public:
    void* allocate(std::size_t size) {
        if (size <= storage_.size() && !std::exchange(used_, true))
            return storage_.data();
        return ::operator new(size);
    }
    void deallocate(void* memory) noexcept {
        if (memory == storage_.data())
            used_ = false;
        else
            ::operator delete(memory);
    }

private:
    alignas(std::max_align_t) std::array<std::byte, 256> storage_;
    bool used_ = false;
};

/// WaitMemory for Asio.
template <class T>
struct WaitAllocator {
    using value_type = T;

    explicit WaitAllocator(WaitMemory& its_memory) noexcept : memory(&its_memory) {}
    template <class Other>
    WaitAllocator(const WaitAllocator<Other>& other) noexcept : memory(other.memory) {}
    T* allocate(std::size_t count) { return static_cast<T*>(memory->allocate(count * sizeof(T))); }
    void deallocate(T* block, std::size_t /*count*/) noexcept { memory->deallocate(block); }
    template <class Other>
    bool operator==(const WaitAllocator<Other>& other) const noexcept {
        return memory == other.memory;
    }

    WaitMemory* memory;
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

    /// The set's descriptor, as Asio sees it. On an io_context's own executor, which is the usual
    /// one, each wait saves 100 instructions that erasing the executor's type costs.
    using OnIoContext = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;
    using OnAny = asio::posix::stream_descriptor;

    void watch(const asio::any_io_executor& executor);
    template <class Function>
    bool with_asio(Function function) {
        if (auto* const usual = std::get_if<OnIoContext>(&asio_))
            function(*usual);
        else if (auto* const any = std::get_if<OnAny>(&asio_))
            function(*any);
        else
            return false;
        return true;
    }
    void shutdown() override;
    void arm();
    void disarm_if_empty() noexcept;
    void pump();
    void fetch();
    std::uint64_t take_place(EpollEntry& entry);
    void free_place(std::uint64_t handle) noexcept;
    EpollEntry* find(std::uint64_t handle) const noexcept;

    std::mutex mutex_;  // of all that follows
    WaitMemory memory_;
    Descriptor epoll_;
    Descriptor for_asio_;  // a duplicate, until asio_ owns it
    std::variant<std::monostate, OnIoContext, OnAny> asio_;
    std::size_t entries_ = 0;
    std::vector<Place> places_;
    std::uint32_t free_ = 0;  // the first free place; places_.size() if there is none
    std::array<epoll_event, 256> batch_;
    std::vector<Ready> ready_;  // used by pump() alone, which runs once at a time
    bool armed_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
