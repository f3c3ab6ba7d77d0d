// SPDX-License-Identifier: MIT
// Tells Asterisk's own environment lines from those that a newline within a value has made.
#pragma once

#include <string>

namespace costrix::agi::detail {

/// Removes the lines of `block` that cannot be Asterisk's, by the order in which Asterisk sends its
/// keys. False when the order does not tell: then what is left may hold a forged line.
bool drop_forged_lines(std::string& block);

}  // namespace costrix::agi::detail
