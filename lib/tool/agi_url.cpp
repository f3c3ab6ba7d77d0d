// SPDX-License-Identifier: MIT
// Takes an agi:// URL apart as Asterisk's launch_netscript() does.
#include "tool/agi_url.hpp"

#include "protocol/ascii.hpp"
#include "testing/asterisk/asterisk_parsing.hpp"

#include <stdexcept>

namespace costrix::tool {
namespace {

[[noreturn]] void reject(std::string_view url, std::string_view why) {
    throw std::invalid_argument("'" + std::string(url) + "' " + std::string(why));
}

std::uint16_t parse_port(std::string_view text, std::string_view url) {
    const auto port = agi::detail::to_number<std::uint16_t>(text);
    if (!port || *port == 0)
        reject(url, "has a port outside 1 to 65535");
    return *port;
}

/// `host`, `host:port`, `[address]` or `[address]:port`.
void parse_authority(std::string_view authority, AgiUrl& url) {
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos)
            reject(url.text, "has an unclosed bracket");
        url.host = authority.substr(1, close - 1);
        port = authority.substr(close + 1);
    } else {
        const auto colon = authority.find(':');
        url.host = authority.substr(0, colon);
        port = colon == std::string_view::npos ? "" : authority.substr(colon);
    }
    if (url.host.empty())
        reject(url.text, "names no host");
    if (!port.empty()) {
        if (port.front() != ':')
            reject(url.text, "has something other than a port behind its host");
        url.port = parse_port(port.substr(1), url.text);
    }
}

}  // namespace

AgiUrl AgiUrl::parse(std::string_view text) {
    constexpr std::string_view scheme = "agi://";
    AgiUrl url;
    url.given = text;
    url.arguments = testing::detail::split_arguments(text);
    if (url.arguments.empty())
        reject(text, "is not a URL");
    url.text = url.arguments.front();
    url.arguments.erase(url.arguments.begin());
    text = url.text;
    if (!agi::detail::starts_with_ignoring_case(text, scheme))
        reject(text, "does not begin with agi://");
    const auto rest = text.substr(scheme.size());
    const auto slash = rest.find('/');
    parse_authority(rest.substr(0, slash), url);
    if (slash != std::string_view::npos)
        url.path = rest.substr(slash + 1);
    return url;
}

}  // namespace costrix::tool
