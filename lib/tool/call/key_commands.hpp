// SPDX-License-Identifier: MIT
// Which commands listen for keys, and how one of them reads to people.
#pragma once

#include <string>
#include <string_view>

namespace costrix::tool {

/// Whether the command of this line takes keys from the caller.
bool listens(std::string_view line);

/// What the command of this line waits for, in words, such as `waits 5 s for up to 4 keys`;
/// empty for commands that wait for nothing from the caller.
std::string describe_wait(std::string_view line);

}  // namespace costrix::tool
