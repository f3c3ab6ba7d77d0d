// SPDX-License-Identifier: MIT
// Moving descriptors out of the way of whatever prints; one line to standard error.
#include "script/standard_streams.hpp"

#include "platform/process.hpp"

#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

// Above the descriptors with a meaning, such as EAGI's 3.
constexpr int kFirstPrivate = 10;

Descriptor duplicate(int descriptor) {
    const int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, kFirstPrivate);
    if (copy < 0)
        throw std::system_error(
            errno,
            std::system_category(),
            "descriptor " + std::to_string(descriptor) +
                " is not usable, and Asterisk speaks to an AGI script on 0 and 1"
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

/// Tells a person who starts the program in a terminal what it waits for.
void greet() {
    if (::isatty(STDIN_FILENO) == 0)
        return;
    say(std::string("an AGI script, which Asterisk starts: AGI(/path/to/") + program_name() +
        ").\nTo try it here, type what Asterisk says: \"agi_request: x\", a line "
        "\"agi_arg_1: …\"\nfor each argument, and an empty line; then \"200 result=0\" in reply "
        "to each command.");
}

}  // namespace

void say(std::string_view what) noexcept {
    try {
        std::string line = program_name();
        line.append(": ").append(what) += '\n';
        if (::write(STDERR_FILENO, line.data(), line.size()) < 0)
            return;  // nobody reads it
    } catch (...) {
    }
}

StandardStreams take_standard_streams() {
    greet();
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

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
