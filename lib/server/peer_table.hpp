// SPDX-License-Identifier: MIT
// How many sessions each peer has.
#pragma once

#include <costrix/asio.hpp>

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The sessions of each peer address. Any thread: one lock per connection, if there is a limit.
class PeerTable {
public:
    /// `nullopt`: no limit, and nothing is counted.
    explicit PeerTable(std::optional<std::size_t> max_sessions) : max_sessions_(max_sessions) {}

    /// Counts one more; false when the peer has as many as it may.
    bool enter(const asio::ip::address& peer) {
        if (!max_sessions_)
            return true;
        std::lock_guard lock(mutex_);
        auto& sessions = peers_[peer];
        if (sessions >= *max_sessions_)
            return false;
        ++sessions;
        return true;
    }
    void leave(const asio::ip::address& peer) noexcept {
        if (!max_sessions_)
            return;
        std::lock_guard lock(mutex_);
        const auto entry = peers_.find(peer);
        if (--entry->second == 0)
            peers_.erase(entry);
    }

private:
    std::optional<std::size_t> max_sessions_;
    std::mutex mutex_;
    std::map<asio::ip::address, std::size_t> peers_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
