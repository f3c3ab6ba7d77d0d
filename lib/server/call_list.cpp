// SPDX-License-Identifier: MIT
// The calls of a loop: to be counted, awaited and cancelled.
#include "server/call_list.hpp"

#include "platform/process.hpp"

#include <costrix/asio.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

void CallList::add(ServedCall& call, bool awaited) {
    std::lock_guard lock(mutex_);
    calls_.push_back(call);
    if (awaited)
        awaited_ = &call;
    peak_ = std::max(peak_, calls_.size());
}

void CallList::remove(ServedCall& call) noexcept {
    constexpr std::size_t kBurst = 256;
    {
        std::lock_guard lock(mutex_);
        calls_.erase(calls_.iterator_to(call));
        if (awaited_ == &call)
            awaited_ = nullptr;
        if (peak_ < kBurst || calls_.size() > peak_ / 8)
            return;
        peak_ = calls_.size();
    }
    trim_memory();
}

bool CallList::holds_awaited() {
    std::lock_guard lock(mutex_);
    return awaited_ != nullptr;
}

void CallList::cancel_all() {
    std::vector<std::shared_ptr<ServedCall>> calls;  // the last reference goes without the lock
    {
        std::lock_guard lock(mutex_);
        calls.reserve(calls_.size());
        for (auto& listed : calls_) {
            if (auto call = listed.weak_from_this().lock())
                calls.push_back(std::move(call));
        }
    }
    for (auto& call : calls) {
        const auto executor = call->get_executor();
        asio::post(executor, [call = std::move(call)] { call->cancel(); });
    }
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
