// SPDX-License-Identifier: MIT
// The memory of the records of calls, from which they are also listed.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace costrix::inline COSTRIX_ABI::ops::detail {

class CallRecord;
struct Shard;

/// A place in a table of calls: it stays the call's while the call lives.
using Slot = std::size_t;

/// Records one after the other, in blocks of a page: no memory for a list of them, nor for where
/// each one was allocated. Its shard's lock protects it.
class CallTable {
public:
    CallTable() = default;
    ~CallTable();
    CallTable(const CallTable&) = delete;
    CallTable& operator=(const CallTable&) = delete;

    /// Memory for a record, which must be constructed before the lock is released. Throws
    /// std::bad_alloc.
    void* allocate(Shard& shard);
    /// After its destructor, with the same lock.
    void release(void* record) noexcept;
    /// The shard in whose table that memory is.
    static Shard& shard_of(const void* record) noexcept;

    /// Slots are less than this.
    Slot end() const noexcept;
    /// The record at a slot; null if there is none.
    CallRecord* at(Slot slot) const noexcept;

private:
    struct Block;
    static Block& block_of(const void* record) noexcept;

    std::vector<Block*> blocks_;       // null where one was freed
    std::size_t first_with_room_ = 0;  // no block before it has room
};

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
