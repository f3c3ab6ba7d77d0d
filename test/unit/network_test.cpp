// SPDX-License-Identifier: MIT
// Which addresses an allow-list takes.
#include "server/network.hpp"

#include <gtest/gtest.h>

namespace costrix::agi::detail {
namespace {

bool allows(const char* network, const char* peer) {
    return AllowList({network}).contains(unmapped(asio::ip::make_address(peer)));
}

TEST(AllowListTest, TakesTheAddressesOfItsNetworks) {
    EXPECT_TRUE(allows("127.0.0.0/8", "127.1.2.3"));
    EXPECT_FALSE(allows("127.0.0.0/8", "128.0.0.1"));
    EXPECT_TRUE(allows("192.0.2.1", "192.0.2.1"));
    EXPECT_TRUE(allows("2001:db8::/32", "2001:db8:1::1"));
    EXPECT_FALSE(allows("2001:db8::/32", "2001:db9::1"));
    EXPECT_FALSE(allows("::/0", "127.0.0.1"));
}

TEST(AllowListTest, TakesAnIPv4AddressInAnIPv6One) {
    EXPECT_TRUE(allows("192.0.2.0/24", "::ffff:192.0.2.9"));
}

TEST(AllowListTest, TakesALinkLocalAddressWhateverTheLink) {
    EXPECT_TRUE(allows("fe80::/10", "fe80::1%2"));
    EXPECT_TRUE(allows("fe80::1", "fe80::1%3"));
    EXPECT_TRUE(allows("::/0", "fe80::1%2"));
}

}  // namespace
}  // namespace costrix::agi::detail
