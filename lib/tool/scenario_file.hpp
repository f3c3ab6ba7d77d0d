// SPDX-License-Identifier: MIT
// Files of options: `--scenario FILE` on the command line.
#pragma once

#include <string>
#include <vector>

namespace costrix::tool {

/// The arguments with every `--scenario FILE` replaced by the options in that file.
///
/// A line is `OPTION VALUE`, or an option alone; empty lines and those that begin with # are left
/// out. Throws std::runtime_error when a file cannot be read.
std::vector<std::string> with_scenario_files(const std::vector<std::string>& arguments);

}  // namespace costrix::tool
