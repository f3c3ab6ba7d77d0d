// SPDX-License-Identifier: MIT
// Decodes the query string of a FastAGI URL.
#include "protocol/ascii.hpp"

#include <costrix/agi/protocol/query.hpp>

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

/// Decodes `+` and `%NN`. A percent sign without two hexadecimal digits stands for itself.
std::string decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    while (!text.empty()) {
        const char front = text.front() == '+' ? ' ' : text.front();
        text.remove_prefix(1);
        const auto byte = front == '%' ? detail::hex_byte(text) : std::nullopt;
        decoded += byte.value_or(front);
        if (byte)
            text.remove_prefix(2);
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
    for (const auto& [key, value] : pairs_) {
        if (key == name)
            return value;
    }
    return std::nullopt;
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
    return path.empty() ? "/" : path;
}

std::string_view script_query(std::string_view network_script) noexcept {
    const auto path_size = std::min(network_script.find('?'), network_script.size());
    return network_script.substr(std::min(path_size + 1, network_script.size()));
}

}  // namespace costrix::inline COSTRIX_ABI::agi
