// SPDX-License-Identifier: MIT
// The calls of a loop: to be counted, awaited and cancelled.
#pragma once

#include "server/served_call.hpp"

#include <costrix/agi/detail/config.hpp>

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <mutex>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Any thread: calls end on executors of their own.
class CallList {
public:
    /// `awaited`: holds_awaited() is true until this call is removed.
    void add(ServedCall& call, bool awaited);
    /// Also returns free memory to the system when a burst of calls is over.
    void remove(ServedCall& call) noexcept;
    bool holds_awaited();
    /// See Call::cancel(). Each on its own executor, a little later.
    void cancel_all();

private:
    std::mutex mutex_;
    boost::intrusive::list<ServedCall> calls_;
    const ServedCall* awaited_ = nullptr;
    std::size_t peak_ = 0;  // since memory was last returned
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
