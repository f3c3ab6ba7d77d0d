// SPDX-License-Identifier: MIT
// Reads /proc/self/fd and /proc/self/fdinfo.
#include "support/descriptors.hpp"

#include <fcntl.h>
#include <system_error>

#include <filesystem>
#include <map>

namespace costrix::test {
namespace {

/// What each open descriptor is of.
std::map<int, std::string> open_descriptors() {
    std::map<int, std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code closed;  // that of the iteration itself, by the time it is looked at
        auto what = std::filesystem::read_symlink(entry.path(), closed).string();
        if (!closed)
            all.emplace(std::stoi(entry.path().filename()), std::move(what));
    }
    return all;
}

}  // namespace

std::vector<std::string> inherited_descriptors() {
    std::vector<std::string> found;
    for (const auto& [number, what] : open_descriptors()) {
        const int flags = fcntl(number, F_GETFD);
        if (flags >= 0 && (flags & FD_CLOEXEC) == 0)
            found.push_back(std::to_string(number) + ' ' + what);
    }
    return found;
}

std::vector<int> descriptors_of(const std::string& kind) {
    std::vector<int> found;
    for (const auto& [number, what] : open_descriptors()) {
        if (what.starts_with(kind))
            found.push_back(number);
    }
    return found;
}

}  // namespace costrix::test
