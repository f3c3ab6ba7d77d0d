// SPDX-License-Identifier: MIT
// Looks things up in an environment block, in place.
#include "protocol/ascii.hpp"
#include "protocol/environment_forgery.hpp"

#include <costrix/agi/protocol/environment.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

constexpr std::string_view kSeparator = ": ";

}  // namespace

Environment::Environment(std::string block)
    : block_(std::move(block)), ambiguous_(!detail::drop_forged_lines(block_, places_)) {}

Environment::Iterator& Environment::Iterator::operator++() noexcept {
    done_ = true;
    while (!left_.empty()) {
        const auto line = detail::take_line(left_);
        const auto colon = line.find(kSeparator);
        if (colon == std::string_view::npos)
            continue;  // the tail of a value with a newline in it
        item_ = {line.substr(0, colon), line.substr(colon + kSeparator.size())};
        done_ = false;
        break;
    }
    return *this;
}

Environment::Iterator Environment::Iterator::operator++(int) noexcept {
    auto before = *this;
    ++*this;
    return before;
}

std::optional<std::string_view> Environment::find(std::string_view key) const noexcept {
    std::string_view left = block_;
    while (!left.empty()) {
        const auto line = detail::take_line(left);
        // The separator is compared first: its place alone tells most lines apart.
        if (line.size() >= key.size() + kSeparator.size() && line[key.size()] == kSeparator[0] &&
            line[key.size() + 1] == kSeparator[1] && line.starts_with(key))
            return line.substr(key.size() + kSeparator.size());
    }
    return std::nullopt;
}

std::string_view Environment::value_at(std::uint16_t place, std::string_view key) const noexcept {
    if (place == 0 || place >= block_.size())  // moved from
        return get(key);
    std::string_view left = std::string_view(block_).substr(place + key.size() + kSeparator.size());
    return detail::take_line(left);
}

std::string_view Environment::get(std::string_view key) const noexcept {
    return find(key).value_or(std::string_view());
}

std::optional<std::string_view> Environment::known(std::string_view key) const noexcept {
    const auto value = find(key);
    return value == "unknown" ? std::nullopt : value;
}

std::optional<int> Environment::integer(std::string_view key) const noexcept {
    return detail::to_number<int>(get(key));
}

std::optional<std::string_view> Environment::argument(std::size_t n) const noexcept {
    std::array<char, 32> key{"agi_arg_"};
    constexpr std::size_t prefix = 8;
    const auto end = std::to_chars(key.data() + prefix, key.data() + key.size(), n).ptr;
    return find({key.data(), end});
}

/// Two passes: to look up one after the other would take quadratic time.
std::vector<std::string_view> Environment::arguments() const {
    if (places_.arguments != 0 ? places_.arguments == block_.size() : !argument(1))
        return {};  // the usual case, and quick to find out
    const auto count = std::count_if(begin(), end(), [](const Item& item) {
        return detail::argument_number(item.first) != 0;
    });
    std::vector<std::string_view> all(static_cast<std::size_t>(count));
    for (const auto& [key, value] : *this) {
        const auto n = detail::argument_number(key);
        if (n != 0 && n <= all.size() && !all[n - 1].data())  // keeps the first of a key
            all[n - 1] = value;
    }
    const auto missing =
        std::find_if(all.begin(), all.end(), [](auto value) { return !value.data(); });
    all.erase(missing, all.end());
    return all;
}

std::map<std::string, std::string> Environment::to_map() const {
    std::map<std::string, std::string> all;
    for (const auto& [key, value] : *this)
        all.emplace(key, value);  // keeps the first of a key
    return all;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
