// SPDX-License-Identifier: MIT
// The captures of a match, by number and by name.
#include <costrix/agi/request.hpp>

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::agi {

std::optional<std::string_view> Match::text(Span span) const noexcept {
    if (span.begin == kNowhere)
        return std::nullopt;
    return std::string_view(path_).substr(span.begin, span.end - span.begin);
}

std::size_t Match::size() const noexcept {
    return *this ? 1 + groups_.size() - (names_ ? names_->size() : 0) : 0;
}

std::optional<std::string_view> Match::find(std::size_t group) const noexcept {
    if (group >= size())
        return std::nullopt;
    return text(group == 0 ? whole_ : groups_[group - 1]);
}

std::optional<std::string_view> Match::find(std::string_view name) const noexcept {
    if (!names_)
        return std::nullopt;
    const auto found = std::find(names_->begin(), names_->end(), name);
    if (found == names_->end())
        return std::nullopt;
    return text(groups_[size() - 1 + static_cast<std::size_t>(found - names_->begin())]);
}

}  // namespace costrix::inline COSTRIX_ABI::agi
