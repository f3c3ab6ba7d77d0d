// SPDX-License-Identifier: MIT
// Networks in CIDR notation.
#include "server/allow_list.hpp"

#include <algorithm>
#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

template <class Network, class Address>
bool holds(const Network& network, const Address& address) {
    // The network of the address with this prefix is this network.
    return Network(address, network.prefix_length()).canonical() == network.canonical();
}

}  // namespace

asio::ip::address unmapped(const asio::ip::address& address) {
    if (!address.is_v6())
        return address;
    if (address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    return asio::ip::address_v6(address.to_v6().to_bytes());  // without the scope
}

AllowList::AllowList(const std::vector<std::string>& networks, std::string_view option) {
    for (const auto& text : networks) {
        const bool v6 = text.find(':') != std::string::npos;
        const bool whole = text.find('/') == std::string::npos;
        error_code error;
        if (v6)
            networks_.emplace_back(asio::ip::make_network_v6(whole ? text + "/128" : text, error));
        else
            networks_.emplace_back(asio::ip::make_network_v4(whole ? text + "/32" : text, error));
        if (error)
            throw std::invalid_argument(
                std::string(option) + ": \"" + text + "\" is neither an address nor a network"
            );
    }
}

bool AllowList::contains(const asio::ip::address& address) const {
    return std::any_of(networks_.begin(), networks_.end(), [&](const auto& network) {
        if (const auto* v4 = std::get_if<asio::ip::network_v4>(&network))
            return address.is_v4() && holds(*v4, address.to_v4());
        return address.is_v6() && holds(std::get<asio::ip::network_v6>(network), address.to_v6());
    });
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
