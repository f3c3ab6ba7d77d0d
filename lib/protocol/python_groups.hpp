// SPDX-License-Identifier: MIT
// Accepts script patterns in Python's syntax.
#pragma once

#include <string>
#include <string_view>

namespace costrix::agi::detail {

/// Converts Python's named groups, `(?P<name>…)`, to those of Boost.Regex, `(?<name>…)`.
inline std::string without_python_groups(std::string_view pattern) {
    std::string text(pattern);
    for (std::size_t at = 0; (at = text.find("(?P<", at)) != std::string::npos; ++at) {
        if (at == 0 || text[at - 1] != '\\')
            text.erase(at + 2, 1);
    }
    return text;
}

}  // namespace costrix::agi::detail
