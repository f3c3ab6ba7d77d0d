// SPDX-License-Identifier: MIT
// Which of the server's addresses the calls of a load connect to.
#pragma once

#include "tool/server_connection.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace costrix::tool {

/// A host's addresses, of which some may have no server: the first that accepts is kept.
class ServerAddresses {
public:
    explicit ServerAddresses(std::vector<Address> addresses) : addresses_(std::move(addresses)) {}

    std::size_t current() const { return current_; }
    const Address& operator[](std::size_t index) const { return addresses_[index]; }

    /// A connection was accepted.
    void accepted() { reached_ = true; }
    /// Whether a connection was ever accepted.
    bool reached() const { return reached_; }
    /// Moves on to the address after `failed`; false if none is left to try.
    bool try_next(std::size_t failed) {
        if (reached_ || failed + 1 == addresses_.size())
            return false;
        current_ = std::max(current_, failed + 1);
        return true;
    }

private:
    std::vector<Address> addresses_;
    std::size_t current_ = 0;
    bool reached_ = false;
};

}  // namespace costrix::tool
