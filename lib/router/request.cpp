// SPDX-License-Identifier: MIT
// Captures by number and by name.
#include <costrix/agi/request.hpp>

#include <algorithm>

namespace costrix::agi {
namespace {

std::optional<std::string_view>
at(const std::vector<std::optional<std::string>>& groups, std::size_t index) noexcept {
    if (index >= groups.size() || !groups[index])
        return std::nullopt;
    return std::string_view(*groups[index]);
}

}  // namespace

std::optional<std::string_view> Match::find(std::size_t group) const noexcept {
    return at(numbered_, group);
}

std::optional<std::string_view> Match::find(std::string_view name) const noexcept {
    if (!names_)
        return std::nullopt;
    const auto found = std::find(names_->begin(), names_->end(), name);
    return at(named_, static_cast<std::size_t>(found - names_->begin()));
}

}  // namespace costrix::agi
