// SPDX-License-Identifier: MIT
// Dialplan variables, functions and expressions, as far as scripts use them.
#pragma once

#include "testing/asterisk/call_state.hpp"

#include <costrix/agi/detail/config.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// A variable or function as GET VARIABLE sees it; nullopt when it is not set.
std::optional<std::string> read_variable(const CallState& call, std::string_view name);

/// A function, NAME(arguments); nullopt when there is no such function.
std::optional<std::string> read_function(const CallState& call, std::string_view text);

/// Sets a variable or writes a function; what is unknown is ignored.
void write_variable(CallState& call, std::string_view name, const std::string& value);

/// Substitutes ${...} and $[...] in a text.
std::string expand(const CallState& call, std::string_view text);

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
