// SPDX-License-Identifier: MIT
// Networks in CIDR notation: who may call.
#pragma once

#include <costrix/asio.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The address without its scope (`fe80::1%eth0`), or the IPv4 address inside an IPv6 one
/// (`::ffff:192.0.2.1`).
asio::ip::address unmapped(const asio::ip::address& address);

/// A list of networks.
class AllowList {
public:
    /// Takes entries such as `127.0.0.0/8`, `::1`, `10.1.2.3` and `2001:db8::/32`. Throws
    /// std::invalid_argument, which names `option` and the invalid one.
    explicit AllowList(const std::vector<std::string>& networks, std::string_view option = "allow");

    /// True when `address` (unmapped) is in one of them.
    bool contains(const asio::ip::address& address) const;

private:
    std::vector<std::variant<asio::ip::network_v4, asio::ip::network_v6>> networks_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
