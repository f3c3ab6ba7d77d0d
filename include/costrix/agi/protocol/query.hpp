// SPDX-License-Identifier: MIT
// The script path of a FastAGI URL, and the keyword arguments in its query.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

/// The keyword arguments of a request, in their order; a name may have several values.
class Query {
public:
    Query() = default;
    /// Parses `a=1&b=two%20words`. Decodes `%NN` and `+`, and keeps empty values.
    explicit Query(std::string_view text);

    /// The first value of `name`; `nullopt` when there is none.
    std::optional<std::string_view> first(std::string_view name) const noexcept;
    /// Every value of `name`, in order.
    std::vector<std::string_view> all(std::string_view name) const;

    /// The first pair, in the order of the query.
    auto begin() const noexcept { return pairs_.begin(); }
    auto end() const noexcept { return pairs_.end(); }           ///< The end of the pairs.
    bool empty() const noexcept { return pairs_.empty(); }       ///< True if there is no pair.
    std::size_t size() const noexcept { return pairs_.size(); }  ///< The number of pairs.

private:
    std::vector<std::pair<std::string, std::string>> pairs_;
};

/// The part of `agi_network_script` before the first `?`, not decoded; "/" when it is empty.
std::string_view script_path(std::string_view network_script) noexcept;

/// The part after the first `?`, not decoded; empty when there is none.
std::string_view script_query(std::string_view network_script) noexcept;

}  // namespace costrix::inline COSTRIX_ABI::agi
