// SPDX-License-Identifier: MIT
// Headers of the PROXY protocol: both versions, cut anywhere, and what is none.
#include "protocol/proxy_header.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace costrix::agi::detail {
namespace {

using namespace std::string_view_literals;
using Event = ProxyHeaderReader::Event;

const std::string kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string block(unsigned char command, unsigned char family, std::string_view rest) {
    std::string text = kSignature;
    text += static_cast<char>(command);
    text += static_cast<char>(family);
    text += static_cast<char>(rest.size() >> 8);
    text += static_cast<char>(rest.size() & 0xff);
    return text.append(rest);
}

/// Reads a header with something behind it, in pieces of every size, which must make no difference.
struct Read {
    Event event = Event::need_more;
    std::optional<ProxySource> source;
    std::string why;
    std::string left;
};

Read read(const std::string& text) {
    Read first;
    for (std::size_t piece = text.size(); piece > 0; piece = piece == 1 ? 0 : (piece + 1) / 2) {
        ProxyHeaderReader reader;
        Read now;
        for (std::size_t at = 0; at < text.size(); at += piece) {
            auto input = std::string_view(text).substr(at, piece);
            if (now.event == Event::need_more)
                now.event = reader.next(input);
            now.left += input;
        }
        now.source = reader.source();
        now.why = reader.why();
        if (piece == text.size())
            first = now;
        EXPECT_EQ(now.event, first.event) << "in pieces of " << piece;
        EXPECT_EQ(now.why, first.why) << "in pieces of " << piece;
        EXPECT_EQ(now.source.has_value(), first.source.has_value()) << "in pieces of " << piece;
        EXPECT_TRUE(now.left == first.left || now.event != Event::complete) << piece;
    }
    return first;
}

TEST(ProxyHeader, IsALineWithAnIPv4Address) {
    const auto got = read("PROXY TCP4 192.0.2.1 198.51.100.2 56324 4573\r\nagi_network: yes\n");
    ASSERT_EQ(got.event, Event::complete);
    ASSERT_TRUE(got.source);
    EXPECT_FALSE(got.source->v6);
    EXPECT_EQ(got.source->port, 56324);
    EXPECT_EQ(got.source->address[0], 192);
    EXPECT_EQ(got.source->address[3], 1);
    EXPECT_EQ(got.left, "agi_network: yes\n");
}

TEST(ProxyHeader, IsALineWithAnIPv6Address) {
    const auto got = read("PROXY TCP6 2001:db8::7 ::1 1 65535\r\n");
    ASSERT_EQ(got.event, Event::complete);
    ASSERT_TRUE(got.source);
    EXPECT_TRUE(got.source->v6);
    EXPECT_EQ(got.source->address[0], 0x20);
    EXPECT_EQ(got.source->address[15], 7);
}

TEST(ProxyHeader, IsALineThatKnowsNoAddress) {
    for (const auto* line : {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff::1 whatever 1 2\r\n"}) {
        const auto got = read(line);
        EXPECT_EQ(got.event, Event::complete) << line;
        EXPECT_FALSE(got.source) << line;
    }
}

TEST(ProxyHeader, IsABlockWithAddresses) {
    auto got = read(block(0x21, 0x11, "\xc0\0\2\1\xc6\x33\x64\2\xdc\4\x11\xdd"sv) + "agi_");
    ASSERT_EQ(got.event, Event::complete);
    ASSERT_TRUE(got.source);
    EXPECT_FALSE(got.source->v6);
    EXPECT_EQ(got.source->address[0], 0xc0);
    EXPECT_EQ(got.source->port, 0xdc04);
    EXPECT_EQ(got.left, "agi_");

    std::string rest = "\x20\x01\x0d\xb8" + std::string(11, '\0') + "\7";
    rest += std::string(16, '\1') + "\1\2\3\4";
    got = read(block(0x21, 0x21, rest + "\3\0\4crc!" /* a further field */));
    ASSERT_EQ(got.event, Event::complete);
    ASSERT_TRUE(got.source);
    EXPECT_TRUE(got.source->v6);
    EXPECT_EQ(got.source->address[15], 7);
    EXPECT_EQ(got.source->port, 0x0102);
}

TEST(ProxyHeader, IsABlockWithoutAnAddress) {
    const auto health = read(block(0x20, 0x00, ""));
    EXPECT_EQ(health.event, Event::complete);
    EXPECT_FALSE(health.source);
    const auto unix_socket = read(block(0x21, 0x31, std::string(216, 'u')));
    EXPECT_EQ(unix_socket.event, Event::complete);
    EXPECT_FALSE(unix_socket.source);
}

TEST(ProxyHeader, IsNoneWhenItIsMalformed) {
    const std::pair<std::string, std::string> cases[] = {
        {"agi_network: yes\n", "there is no PROXY header"},
        {"PROXIED\r\n", "there is no PROXY header"},
        {"PROXY TCP4 192.0.2.1 198.51.100.2 56324 4573\n", "the PROXY header is a line without CR"},
        {"PROXY TCP4 192.0.2.1 198.51.100.2 56324\r\n",
         "the PROXY header is not TCP4 or TCP6, two addresses and two ports"},
        {"PROXY UDP4 192.0.2.1 198.51.100.2 1 2\r\n",
         "the PROXY header is not TCP4 or TCP6, two addresses and two ports"},
        {"PROXY TCP4 192.0.2.256 198.51.100.2 1 2\r\n",
         "the PROXY header has an invalid address or port"},
        {"PROXY TCP4 ::1 ::1 1 2\r\n", "the PROXY header has an invalid address or port"},
        {"PROXY TCP4 192.0.2.1 198.51.100.2 65536 2\r\n",
         "the PROXY header has an invalid address or port"},
        {"PROXY TCP4 192.0.2.1 198.51.100.2 -1 2\r\n",
         "the PROXY header has an invalid address or port"},
        {"PROXY TCP4 192.0.2.1 nowhere 1 2\r\n", "the PROXY header has an invalid address or port"},
        {"PROXY " + std::string(200, 'x'), "the PROXY header is a line over 107 bytes"},
        {"\r\n\r\nGET / HTTP/1.1\r\n", "there is no PROXY header"},
        {block(0x11, 0x11, std::string(12, 'x')),
         "the PROXY header has an unknown version or command"},
        {block(0x22, 0x11, std::string(12, 'x')),
         "the PROXY header has an unknown version or command"},
        {block(0x21, 0x11, std::string(11, 'x')),
         "the PROXY header is too short for its addresses"},
        {block(0x21, 0x21, std::string(35, 'x')),
         "the PROXY header is too short for its addresses"},
        {block(0x21, 0x11, std::string(3000, 'x')), "the PROXY header is over 2048 bytes"},
    };
    for (const auto& [text, why] : cases) {
        const auto got = read(text);
        EXPECT_EQ(got.event, Event::malformed) << why;
        EXPECT_EQ(got.why, why);
        EXPECT_FALSE(got.source) << why;
    }
}

TEST(ProxyHeader, IsIncompleteUntilItsLastByte) {
    for (const auto& whole :
         {std::string("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n"),
          block(0x21, 0x11, std::string(20, 0))}) {
        for (std::size_t size = 0; size < whole.size(); ++size) {
            ProxyHeaderReader reader;
            auto input = std::string_view(whole).substr(0, size);
            EXPECT_EQ(reader.next(input), Event::need_more) << size;
            EXPECT_TRUE(input.empty());
        }
    }
}

}  // namespace
}  // namespace costrix::agi::detail
