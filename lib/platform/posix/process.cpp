// SPDX-License-Identifier: MIT
// Processes and pipes on any POSIX system.
#include "platform/process.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <thread>

extern "C" const char* __progname;  // in the C libraries of Linux, the BSDs and macOS

namespace costrix::inline COSTRIX_ABI::agi::detail {

const char* program_name() noexcept {
    return __progname;
}

Pipe open_pipe() noexcept {
    int ends[2];
    if (::pipe(ends) != 0)
        return {};
    Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    for (const int end : ends) {
        if (::fcntl(end, F_SETFD, FD_CLOEXEC) != 0)
            return {};
    }
    return pipe;
}

/// What Linux, FreeBSD and macOS have unless told otherwise; none of POSIX's calls tells.
std::size_t pipe_capacity(int pipe) noexcept {
    struct stat what {};
    return ::fstat(pipe, &what) == 0 && S_ISFIFO(what.st_mode) ? 65536 : 0;
}

/// A thread waits for the child; it ends with it.
Descriptor watch_child(pid_t child) noexcept {
    auto pipe = open_pipe();
    if (!pipe.read)
        return {};
    try {
        std::thread([child, end = std::move(pipe.write)] {
            siginfo_t ignored{};
            while (::waitid(P_PID, static_cast<id_t>(child), &ignored, WEXITED | WNOWAIT) != 0 &&
                   errno == EINTR) {
            }
        }).detach();
    } catch (const std::system_error& error) {
        errno = error.code().value();
        return {};
    }
    return std::move(pipe.read);
}

void trim_memory() noexcept {}

bool random_bytes(void* to, std::size_t size) noexcept {
    const Descriptor source(::open("/dev/urandom", O_RDONLY | O_CLOEXEC));
    return source && ::read(source.number(), to, size) == static_cast<ssize_t>(size);
}

std::chrono::nanoseconds busy_time() noexcept {
    timespec ran{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ran);
    return std::chrono::seconds(ran.tv_sec) + std::chrono::nanoseconds(ran.tv_nsec);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
