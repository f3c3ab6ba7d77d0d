// SPDX-License-Identifier: MIT
// Small text helpers with C's own ideas of numbers, as Asterisk uses them.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// ASCII lower case.
std::string lower(std::string_view text);

/// The key under which DATABASE stores: /family/key.
std::string database_key(std::string_view family, std::string_view key);

/// A leading integer as sscanf("%d") reads one: `3.7` is 3, `1x` is 1, `x` is none.
std::optional<int> scan_int(const std::string& text);

/// Leading seconds as sscanf("%lf") reads them, kept within 0 and a year.
std::optional<std::chrono::nanoseconds> scan_seconds(const std::string& text);

/// As atoi(): what is not a number is 0.
int as_int(const std::string& text);

/// The pieces between commas outside of quotes and brackets; none for an empty text. Quotes and
/// backslashes are taken off unless it is `raw`, as for Gosub.
std::vector<std::string> split_arguments(std::string_view text, bool raw = false);

/// Asterisk's idea of a true value: yes, true, y, t, 1, on.
bool is_true(std::string_view text);

/// Asterisk's idea of a false value: no, false, n, f, 0, off.
bool is_false(std::string_view text);

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
