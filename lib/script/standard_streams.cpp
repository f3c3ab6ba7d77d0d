// SPDX-License-Identifier: MIT
// Standard input and output, kept for the protocol alone.
#include "script/standard_streams.hpp"

#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace costrix::agi::detail {
namespace {

// Above those that have a meaning, EAGI's 3 included.
constexpr int kFirstPrivate = 10;

Descriptor duplicate(int descriptor) {
    const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, kFirstPrivate);
    if (copy < 0)
        throw std::system_error(
            errno, std::system_category(), "descriptor " + std::to_string(descriptor)
        );
    return Descriptor(copy);
}

void make_empty(int descriptor) noexcept {
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0 || nothing == descriptor)
        return;
    ::dup2(nothing, descriptor);
    ::close(nothing);
}

}  // namespace

StandardStreams take_standard_streams() {
    StandardStreams streams{.input = duplicate(STDIN_FILENO), .output = duplicate(STDOUT_FILENO)};
    make_empty(STDIN_FILENO);
    if (::dup2(STDERR_FILENO, STDOUT_FILENO) < 0)  // there is no standard error
        make_empty(STDOUT_FILENO);
    return streams;
}

Descriptor take_descriptor(int descriptor) {
    auto copy = duplicate(descriptor);
    make_empty(descriptor);
    return copy;
}

}  // namespace costrix::agi::detail
