// SPDX-License-Identifier: MIT
// Which descriptors of this process a program that it starts would have too.
#pragma once

#include <string>
#include <vector>

namespace costrix::test {

/// The descriptors without close-on-exec, each as `NUMBER WHAT`, in their order.
std::vector<std::string> inherited_descriptors();

/// Which of this process's descriptors are of this kind, such as `pipe:`.
std::vector<int> descriptors_of(const std::string& kind);

}  // namespace costrix::test
