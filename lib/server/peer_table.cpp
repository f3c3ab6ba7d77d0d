// SPDX-License-Identifier: MIT
// Counts sessions in and out.
#include "server/peer_table.hpp"

namespace costrix::agi::detail {

bool PeerTable::enter(const asio::ip::address& peer) {
    std::lock_guard lock(mutex_);
    auto& sessions = peers_[peer];
    if (sessions >= most_)
        return false;
    ++sessions;
    return true;
}

void PeerTable::leave(const asio::ip::address& peer) noexcept {
    std::lock_guard lock(mutex_);
    const auto entry = peers_.find(peer);
    if (--entry->second == 0)
        peers_.erase(entry);
}

}  // namespace costrix::agi::detail
