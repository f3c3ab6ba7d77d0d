// SPDX-License-Identifier: MIT
// Which peers are proxies that say, by the PROXY protocol, for whom they connect.
#pragma once

#include "protocol/proxy_header.hpp"
#include "server/acceptor.hpp"
#include "server/allow_list.hpp"

#include <string>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

class TrustedProxies {
public:
    /// Takes what AllowList does, and "unix" for peers without an address. Throws
    /// std::invalid_argument, which names the invalid entry.
    explicit TrustedProxies(const std::vector<std::string>& proxies);

    bool contains(const Peer& peer) const;

private:
    AllowList networks_;
    bool unix_;
};

/// The peer that a proxy connects for.
Peer endpoint_of(const ProxySource& source);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
