// SPDX-License-Identifier: MIT
// Takes an agi:// URL apart as Asterisk's launch_netscript() does.
#include "tool/agi_url.hpp"

#include "tool/formatting.hpp"

#include <charconv>
#include <stdexcept>

namespace costrix::tool {
namespace {

[[noreturn]] void reject(std::string_view url, std::string_view why) {
    throw std::invalid_argument("'" + std::string(url) + "' " + std::string(why));
}

std::uint16_t parse_port(std::string_view text, std::string_view url) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0)
        reject(url, "has a port that is not one of 1 to 65535");
    return port;
}

/// `host`, `host:port`, `[address]` or `[address]:port`.
void parse_authority(std::string_view authority, AgiUrl& url) {
    std::string_view port;
    if (authority.starts_with('[')) {
        const auto close = authority.find(']');
        if (close == std::string_view::npos)
            reject(url.text, "has a bracket that is not closed");
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

/// The pieces between commas, as Asterisk cuts the arguments of an application.
///
/// A comma in quotes, parentheses or brackets, or after a backslash, is none.
std::vector<std::string> split_arguments(std::string_view text) {
    std::vector<std::string> pieces(1);
    bool quoted = false;
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char letter = text[i];
        if (letter == '\\' && i + 1 < text.size()) {
            pieces.back() += text[++i];
            continue;
        }
        if (letter == '"') {
            quoted = !quoted;
            continue;
        }
        depth += letter == '(' || letter == '[' ? 1 : letter == ')' || letter == ']' ? -1 : 0;
        if (letter == ',' && !quoted && depth <= 0)
            pieces.emplace_back();
        else
            pieces.back() += letter;
    }
    return pieces;
}

}  // namespace

AgiUrl AgiUrl::parse(std::string_view text) {
    constexpr std::string_view scheme = "agi://";
    AgiUrl url;
    url.given = text;
    url.arguments = split_arguments(text);
    url.text = url.arguments.front();
    url.arguments.erase(url.arguments.begin());
    text = url.text;
    if (lower(text.substr(0, scheme.size())) != scheme)
        reject(text, "does not begin with agi://");
    const auto rest = text.substr(scheme.size());
    const auto slash = rest.find('/');
    parse_authority(rest.substr(0, slash), url);
    if (slash != std::string_view::npos)
        url.path = rest.substr(slash + 1);
    return url;
}

}  // namespace costrix::tool
