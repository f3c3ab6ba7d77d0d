// SPDX-License-Identifier: MIT
// Reads headers of the PROXY protocol: a line of text, or a block of bytes.
#include "protocol/proxy_header.hpp"

#include "protocol/ascii.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

using namespace std::string_view_literals;

constexpr auto kSignature = "\r\n\r\n\0\r\nQUIT\n"sv;  // of version 2
constexpr auto kLineStart = "PROXY "sv;                // of version 1
constexpr std::size_t kMaxLine = 107;                  // its CR and LF included
constexpr std::size_t kFixed = 16;                     // bytes before the addresses of version 2

std::uint8_t byte(std::string_view text, std::size_t at) noexcept {
    return static_cast<std::uint8_t>(text[at]);
}

std::uint16_t number(std::string_view text, std::size_t at) noexcept {
    return static_cast<std::uint16_t>(byte(text, at) << 8 | byte(text, at + 1));
}

/// The address of a line: its text as inet_pton reads it, and a port.
std::optional<ProxySource> parse_address(std::string_view address, std::string_view port, bool v6) {
    ProxySource source{.v6 = v6};
    const auto value = to_number<std::uint16_t>(port);
    const int family = v6 ? AF_INET6 : AF_INET;
    if (!value || ::inet_pton(family, std::string(address).c_str(), source.address.data()) != 1)
        return std::nullopt;
    source.port = *value;
    return source;
}

std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> words;
    for (auto end = line.find(' '); end != std::string_view::npos; end = line.find(' ')) {
        words.push_back(line.substr(0, end));
        line.remove_prefix(end + 1);
    }
    words.push_back(line);
    return words;
}

}  // namespace

ProxyHeaderReader::Event ProxyHeaderReader::next(std::string_view& input) {
    // The two signatures differ in their first byte.
    if (header_.empty() && input.empty())
        return Event::need_more;
    const char first = header_.empty() ? input.front() : header_.front();
    return first == kSignature.front() ? take_block(input) : take_line(input);
}

/// Until the header has `size` bytes; false if it has not.
bool ProxyHeaderReader::fill(std::string_view& input, std::size_t size) {
    const auto part = input.substr(0, size - std::min(size, header_.size()));
    header_ += part;
    input.remove_prefix(part.size());
    return header_.size() >= size;
}

ProxyHeaderReader::Event ProxyHeaderReader::take_line(std::string_view& input) {
    while (!header_.ends_with('\n') && !input.empty()) {
        if (header_.size() == kMaxLine)
            return fail("the PROXY header is a line over 107 bytes");
        fill(input, header_.size() + 1);
        const auto start = std::min(header_.size(), kLineStart.size());
        if (std::string_view(header_).substr(0, start) != kLineStart.substr(0, start))
            return fail("there is no PROXY header");
    }
    if (!header_.ends_with('\n'))
        return Event::need_more;
    if (!header_.ends_with("\r\n"))
        return fail("the PROXY header is a line without CR");
    return parse_line(std::string_view(header_).substr(0, header_.size() - 2));
}

ProxyHeaderReader::Event ProxyHeaderReader::parse_line(std::string_view line) {
    const auto words = split(line);
    if (words.size() >= 2 && words[1] == "UNKNOWN")
        return Event::complete;
    if (words.size() != 6 || (words[1] != "TCP4" && words[1] != "TCP6"))
        return fail("the PROXY header is not TCP4 or TCP6, two addresses and two ports");
    const bool v6 = words[1] == "TCP6";
    source_ = parse_address(words[2], words[4], v6);
    if (!source_ || !parse_address(words[3], words[5], v6))
        return fail("the PROXY header has an invalid address or port");
    return Event::complete;
}

ProxyHeaderReader::Event ProxyHeaderReader::take_block(std::string_view& input) {
    const bool fixed = fill(input, kFixed);
    const auto start = std::min(header_.size(), kSignature.size());
    if (std::string_view(header_).substr(0, start) != kSignature.substr(0, start))
        return fail("there is no PROXY header");
    if (!fixed)
        return Event::need_more;
    const std::size_t size = kFixed + number(header_, 14);
    if (size > kMaxBytes)
        return fail("the PROXY header is over 2048 bytes");
    return fill(input, size) ? parse_block() : Event::need_more;
}

ProxyHeaderReader::Event ProxyHeaderReader::parse_block() {
    constexpr std::uint8_t kLocal = 0x20, kProxy = 0x21, kTcp4 = 0x11, kTcp6 = 0x21;
    const auto command = byte(header_, 12), family = byte(header_, 13);
    if (command == kLocal)
        return Event::complete;
    if (command != kProxy)
        return fail("the PROXY header has an unknown version or command");
    if (family != kTcp4 && family != kTcp6)
        return Event::complete;  // a Unix socket, or something newer: the address is unknown
    ProxySource source{.v6 = family == kTcp6};
    const std::size_t width = source.v6 ? 16 : 4;
    const auto addresses = std::string_view(header_).substr(kFixed);
    if (addresses.size() < 2 * width + 4)
        return fail("the PROXY header is too short for its addresses");
    std::memcpy(source.address.data(), addresses.data(), width);
    source.port = number(addresses, 2 * width);
    source_ = source;
    return Event::complete;
}

ProxyHeaderReader::Event ProxyHeaderReader::fail(std::string_view why) noexcept {
    source_.reset();
    why_ = why;
    return Event::malformed;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
