// SPDX-License-Identifier: MIT
// Decodes the query string of a FastAGI URL.
#include <costrix/agi/protocol/query.hpp>

#include <algorithm>

namespace costrix::agi {
namespace {

int hex_digit(char byte) noexcept {
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

/// A percent sign that is not followed by two digits stands for itself.
std::string decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                            hex_digit(text[i + 2]) >= 0;
        if (escape) {
            decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            decoded += text[i] == '+' ? ' ' : text[i];
        }
    }
    return decoded;
}

}  // namespace

Query::Query(std::string_view text) {
    while (!text.empty()) {
        const auto pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
        if (pair.empty())
            continue;
        const auto equals = std::min(pair.find('='), pair.size());
        const auto value = pair.substr(std::min(equals + 1, pair.size()));
        pairs_.emplace_back(decode(pair.substr(0, equals)), decode(value));
    }
}

std::optional<std::string_view> Query::first(std::string_view name) const noexcept {
    const auto found = std::find_if(pairs_.begin(), pairs_.end(), [name](const auto& pair) {
        return pair.first == name;
    });
    return found == pairs_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::vector<std::string_view> Query::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [key, value] : pairs_) {
        if (key == name)
            values.push_back(value);
    }
    return values;
}

std::string_view script_path(std::string_view network_script) noexcept {
    const auto path = network_script.substr(0, network_script.find('?'));
    return path.empty() ? std::string_view("/") : path;
}

std::string_view script_query(std::string_view network_script) noexcept {
    const auto mark = network_script.find('?');
    return mark == std::string_view::npos ? std::string_view() : network_script.substr(mark + 1);
}

}  // namespace costrix::agi
