// SPDX-License-Identifier: MIT
// The captures of a match, by number and by name.
#include <costrix/agi/request.hpp>

#include <algorithm>
#include <stdexcept>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

[[noreturn]] void no_group(const std::string& group, bool exists) {
    const auto what = exists ? " took no part in the match" : " is not in the pattern that matched";
    throw std::out_of_range("Match::at: group " + group + what);
}

}  // namespace

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

std::string_view Match::at(std::size_t group) const {
    const auto found = find(group);
    if (!found)
        no_group(std::to_string(group), group < size());
    return *found;
}

std::string_view Match::at(std::string_view name) const {
    const auto found = find(name);
    if (!found) {
        const bool exists =
            names_ && std::find(names_->begin(), names_->end(), name) != names_->end();
        no_group('"' + std::string(name) + '"', exists);
    }
    return *found;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
