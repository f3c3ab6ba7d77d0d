// SPDX-License-Identifier: MIT
// Which peers are proxies that say, by the PROXY protocol, for whom they connect.
#include "server/trusted_proxies.hpp"

#include <costrix/asio.hpp>

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

constexpr const char* kUnix = "unix";

std::vector<std::string> without_unix(std::vector<std::string> proxies) {
    std::erase(proxies, kUnix);
    return proxies;
}

}  // namespace

TrustedProxies::TrustedProxies(const std::vector<std::string>& proxies)
    : networks_(without_unix(proxies), "proxy_protocol_from"),
      unix_(std::find(proxies.begin(), proxies.end(), kUnix) != proxies.end()) {}

bool TrustedProxies::contains(const Peer& peer) const {
    return peer ? networks_.contains(peer->address()) : unix_;
}

Peer endpoint_of(const ProxySource& source) {
    if (source.v6) {
        const asio::ip::address_v6 address(source.address);
        return asio::ip::tcp::endpoint(unmapped(address), source.port);
    }
    asio::ip::address_v4::bytes_type bytes;
    std::copy_n(source.address.begin(), bytes.size(), bytes.begin());
    return asio::ip::tcp::endpoint(asio::ip::address_v4(bytes), source.port);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
