// SPDX-License-Identifier: MIT
// Blocks of records, and which of their places are taken.
#include "ops/call_table.hpp"

#include "ops/call_record.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>

namespace costrix::inline COSTRIX_ABI::ops::detail {
namespace {

/// A block begins at a multiple of this, so that a record finds its block.
constexpr std::size_t kPage = 4096;
/// With the allocator's own 16 bytes, the next block fits right behind.
constexpr std::size_t kBlockSize = kPage - 16;
constexpr std::size_t kHeader = 32;
constexpr std::size_t kRecords = (kBlockSize - kHeader) / sizeof(CallRecord);

/// A bit for each record of a block.
using Bits = std::array<std::uint64_t, 2>;
static_assert(kRecords <= 128);

bool test(const Bits& bits, std::size_t number) noexcept {
    return (bits[number / 64] >> (number % 64) & 1U) != 0;
}

void set(Bits& bits, std::size_t number, bool on) noexcept {
    const auto bit = std::uint64_t{1} << (number % 64);
    bits[number / 64] = on ? bits[number / 64] | bit : bits[number / 64] & ~bit;
}

/// The number of the first bit that is not set.
std::size_t first_clear(const Bits& bits) noexcept {
    const auto low = static_cast<std::size_t>(std::countr_one(bits[0]));
    return low < 64 ? low : 64 + static_cast<std::size_t>(std::countr_one(bits[1]));
}

}  // namespace

struct CallTable::Block {
    Block(Shard& its_shard, std::size_t its_index) noexcept : shard(its_shard), index(its_index) {}

    Shard& shard;
    std::size_t index;  // in blocks_
    Bits taken{};
    alignas(CallRecord) std::array<std::byte, kRecords * sizeof(CallRecord)> records;  // unset

    void* place(std::size_t number) noexcept {
        return records.data() + number * sizeof(CallRecord);
    }
    std::size_t number(const void* record) const noexcept {
        return static_cast<std::size_t>(static_cast<const std::byte*>(record) - records.data()) /
               sizeof(CallRecord);
    }
    bool has_room() const noexcept { return first_clear(taken) < kRecords; }
};

CallTable::~CallTable() {
    for (auto* const block : blocks_)
        std::free(block);
}

CallTable::Block& CallTable::block_of(const void* record) noexcept {
    const auto address = std::bit_cast<std::uintptr_t>(record);
    return *std::bit_cast<Block*>(address - address % kPage);
}

Shard& CallTable::shard_of(const void* record) noexcept {
    return block_of(record).shard;
}

void* CallTable::allocate(Shard& shard) {
    static_assert(sizeof(Block) <= kBlockSize);
    auto& index = first_with_room_;
    while (index < blocks_.size() && blocks_[index] && !blocks_[index]->has_room())
        ++index;
    if (index == blocks_.size())
        blocks_.push_back(nullptr);
    if (!blocks_[index]) {
        void* memory = nullptr;
        if (::posix_memalign(&memory, kPage, sizeof(Block)) != 0)
            throw std::bad_alloc();
        blocks_[index] = new (memory) Block(shard, index);
    }
    auto& block = *blocks_[index];
    const auto number = first_clear(block.taken);
    set(block.taken, number, true);
    return block.place(number);
}

/// An empty block is freed if one before it has room: calls do not come and go with it.
void CallTable::release(void* record) noexcept {
    auto& block = block_of(record);
    const auto index = block.index;
    set(block.taken, block.number(record), false);
    if (index < first_with_room_) {
        first_with_room_ = index;
    } else if (index > first_with_room_ && block.taken == Bits{}) {
        std::free(&block);
        blocks_[index] = nullptr;
    }
}

Slot CallTable::end() const noexcept {
    return blocks_.size() * kRecords;
}

CallRecord* CallTable::at(Slot slot) const noexcept {
    auto* const block = blocks_[slot / kRecords];
    if (!block || !test(block->taken, slot % kRecords))
        return nullptr;
    return std::launder(static_cast<CallRecord*>(block->place(slot % kRecords)));
}

}  // namespace costrix::inline COSTRIX_ABI::ops::detail
