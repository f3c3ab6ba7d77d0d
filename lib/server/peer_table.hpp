// SPDX-License-Identifier: MIT
// How many sessions each peer has.
#pragma once

#include <asio/ip/address.hpp>

#include <cstddef>
#include <map>
#include <mutex>

namespace costrix::agi::detail {

/// Sessions of each peer address. Any thread: a lock for each connection, when there is a limit.
class PeerTable {
public:
    explicit PeerTable(std::size_t most) : most_(most) {}

    /// Counts one more; false when the peer has as many as it may.
    bool enter(const asio::ip::address& peer);
    void leave(const asio::ip::address& peer) noexcept;

private:
    std::size_t most_;
    std::mutex mutex_;
    std::map<asio::ip::address, std::size_t> peers_;
};

}  // namespace costrix::agi::detail
