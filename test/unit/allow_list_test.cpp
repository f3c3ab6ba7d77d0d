// SPDX-License-Identifier: MIT
// Which addresses an allow-list takes.
#include "server/allow_list.hpp"

#include <costrix/agi/server_options.hpp>

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

TEST(AllowListTest, TakesLoopbackOnlyByDefault) {
    const AllowList allow(FastAGIServerOptions().allow);
    for (const char* peer : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"})
        EXPECT_TRUE(allow.contains(unmapped(asio::ip::make_address(peer)))) << peer;
    for (const char* peer :
         {"10.0.0.1", "192.168.1.1", "0.0.0.0", "::", "fe80::1", "::ffff:10.0.0.1"})
        EXPECT_FALSE(allow.contains(unmapped(asio::ip::make_address(peer)))) << peer;
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
