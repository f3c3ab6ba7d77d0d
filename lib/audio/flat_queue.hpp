// SPDX-License-Identifier: MIT
// A queue in one block of memory, which it uses again.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// In the long run it allocates nothing. What it needed for a backlog it releases when it is empty.
template <class T>
class FlatQueue {
public:
    static constexpr std::size_t kKeptBytes = 16384;

    bool empty() const noexcept { return size() == 0; }
    std::size_t size() const noexcept { return items_.size() - begin_; }
    T& front() noexcept { return items_[begin_]; }
    T& back() noexcept { return items_.back(); }
    auto begin() const noexcept { return items_.begin() + static_cast<std::ptrdiff_t>(begin_); }
    auto end() const noexcept { return items_.end(); }
    /// The first `count` items.
    std::span<const T> first(std::size_t count) const noexcept {
        return std::span(items_).subspan(begin_, count);
    }

    /// What to append to; there may be items in it that have been removed.
    std::vector<T>& tail() {
        if (begin_ > size()) {  // so that each item is moved once at most
            items_.erase(items_.begin(), begin());
            begin_ = 0;
        }
        return items_;
    }
    /// Removes the first `count` items.
    void pop(std::size_t count = 1) noexcept {
        begin_ += count;
        if (empty())
            clear();
    }
    void clear() noexcept {
        if (items_.capacity() * sizeof(T) > kKeptBytes)
            items_ = std::vector<T>();
        items_.clear();
        begin_ = 0;
    }

private:
    std::vector<T> items_;
    std::size_t begin_ = 0;  // of what has not been removed
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
