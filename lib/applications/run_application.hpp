// SPDX-License-Identifier: MIT
// Runs an application and fetches the variables it leaves, exactly and in one round trip.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/variables.hpp>
#include <costrix/agi/applications/application.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The values of variables, in the order of `names`; empty for one that is not set.
asio::awaitable<std::vector<std::string>> read_variables(AGI& call, std::vector<std::string> names);

/// Runs the application, then the same.
asio::awaitable<std::vector<std::string>>
run_and_read(AGI& call, ApplicationCall application, std::vector<std::string> names);

/// Runs an application that leaves nothing.
asio::awaitable<void> run_application(AGI& call, ApplicationCall application);

/// What a text of Asterisk's stands for; `other` when it is not in the table.
template <class Value, std::size_t N>
Value value_of(
    const std::array<std::pair<std::string_view, Value>, N>& table,
    std::string_view text,
    Value other
) {
    const auto found = std::find_if(table.begin(), table.end(), [text](const auto& row) {
        return row.first == text;
    });
    return found == table.end() ? other : found->second;
}

/// The text of a whole number of seconds. Throws std::invalid_argument, which names `what`, for
/// less than 1 s or more than a day.
std::string whole_seconds(const char* what, std::chrono::seconds time);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
