// SPDX-License-Identifier: MIT
// Operations that wait, in order.
#pragma once

#include <costrix/agi/detail/operation.hpp>

#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <cstdint>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// A queue of pending operations, linked in where they live: nothing is allocated.
class OperationQueue {
public:
    bool empty() const noexcept { return list_.empty(); }
    const Operation& front() const noexcept { return list_.front(); }
    void push_back(Operation& operation) noexcept { list_.push_back(operation); }

    /// Inserts behind everything that is due no later.
    void push_by_deadline(Operation& operation) noexcept {
        const auto later = std::find_if(list_.begin(), list_.end(), [&](const auto& one) {
            return one.deadline > operation.deadline;
        });
        list_.insert(later, operation);
    }

    /// Removes the first.
    Operation& take_front() noexcept {
        auto& first = list_.front();
        list_.pop_front();
        return first;
    }
    /// Removes the operation with this id; null if it is not here.
    Operation* take(std::uint64_t id) noexcept {
        return take_first([id](const auto& one) { return one.id == id; });
    }
    /// Removes the first operation that is due; null if there is none.
    Operation* take_due(Deadline now) noexcept {
        return take_first([now](const auto& one) { return now >= one.deadline; });
    }

    /// The earliest deadline; max() for none.
    Deadline next_deadline() const noexcept {
        auto next = Deadline::max();
        for (const auto& operation : list_)
            next = std::min(next, operation.deadline);
        return next;
    }

    /// Destroys the coroutines that wait.
    void drop_all() noexcept {
        while (!list_.empty())
            list_.front().drop();
    }

private:
    template <class Predicate>
    Operation* take_first(Predicate matches) noexcept {
        const auto found = std::find_if(list_.begin(), list_.end(), matches);
        if (found == list_.end())
            return nullptr;
        auto& operation = *found;
        list_.erase(found);
        return &operation;
    }

    boost::intrusive::list<Operation, boost::intrusive::constant_time_size<false>> list_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
