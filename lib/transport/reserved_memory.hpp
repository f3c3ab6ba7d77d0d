// SPDX-License-Identifier: MIT
// Memory for operations of Asio's that an event loop cannot go on without.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <new>
#include <utility>

namespace costrix::agi::detail {

/// Room for a few operations that wait; more of them, or a larger one, get ordinary memory.
///
/// What waits for the next connection, for the next bytes of any session, or for the next deadline
/// must be able to wait again: if that failed for want of memory, the loop would be deaf for ever.
/// There are several places since a wait that was replaced keeps its own until it has been told.
class ReservedMemory {
public:
    ReservedMemory() = default;
    ReservedMemory(const ReservedMemory&) = delete;
    ReservedMemory& operator=(const ReservedMemory&) = delete;

    /// Any thread.
    void* allocate(std::size_t size) {
        for (auto& place : places_) {
            if (size <= sizeof place.bytes && !place.used.test_and_set())
                return place.bytes;
        }
        return ::operator new(size);
    }
    /// Any thread.
    void deallocate(void* memory) noexcept {
        for (auto& place : places_) {
            if (memory == place.bytes) {
                place.used.clear();
                return;
            }
        }
        ::operator delete(memory);
    }

private:
    struct Place {
        alignas(std::max_align_t) std::byte bytes[256];
        std::atomic_flag used;
    };

    std::array<Place, 4> places_;
};

/// What Asio allocates from.
template <class T>
class ReservedAllocator {
public:
    using value_type = T;

    explicit ReservedAllocator(ReservedMemory& memory) noexcept : memory_(&memory) {}
    template <class U>
    ReservedAllocator(const ReservedAllocator<U>& other) noexcept : memory_(other.memory_) {}

    T* allocate(std::size_t number) const {
        static_assert(alignof(T) <= alignof(std::max_align_t));
        return static_cast<T*>(memory_->allocate(number * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t) const noexcept { memory_->deallocate(memory); }
    template <class U>
    bool operator==(const ReservedAllocator<U>& other) const noexcept {
        return memory_ == other.memory_;
    }

private:
    template <class>
    friend class ReservedAllocator;

    ReservedMemory* memory_;
};

/// A handler whose operation lies in the reserved memory, which must outlive it.
template <class Handler>
class Reserved {
public:
    using allocator_type = ReservedAllocator<Handler>;

    Reserved(ReservedMemory& memory, Handler handler)
        : memory_(&memory), handler_(std::move(handler)) {}

    allocator_type get_allocator() const noexcept { return allocator_type(*memory_); }
    template <class... Args>
    void operator()(Args&&... args) {
        handler_(std::forward<Args>(args)...);
    }

private:
    ReservedMemory* memory_;
    Handler handler_;
};

}  // namespace costrix::agi::detail
