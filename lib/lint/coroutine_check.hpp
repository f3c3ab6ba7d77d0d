// SPDX-License-Identifier: MIT
// Finds co_await expressions that GCC miscompiles; docs/compilers.md says which, and why.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace costrix::lint {

struct Finding {
    int line;
    std::string message;  // what is wrong, and what to write instead
};

/// Looks for what GCC from version `gcc` on miscompiles: 12, or a later one, which has fewer
/// faults. It knows no types, and follows no #include. A line with a comment NOLINT(costrix) is
/// excused.
std::vector<Finding> check_coroutines(std::string_view source, int gcc = 12);

/// Checks a file and what it includes by `#include "…"` from beside it; prints the findings as a
/// compiler does, `file:line: error: …`. Returns how many there are.
/// Throws std::runtime_error when `file` cannot be read.
int check_file(const std::string& file, std::string& report, int gcc = 12);

}  // namespace costrix::lint
