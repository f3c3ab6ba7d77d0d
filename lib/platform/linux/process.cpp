// SPDX-License-Identifier: MIT
// Processes and pipes on Linux, with glibc or musl.
#include "platform/process.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>  // program_invocation_short_name
#include <fstream>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace costrix::inline COSTRIX_ABI::agi::detail {

const char* program_name() noexcept {
    return program_invocation_short_name;
}

Pipe open_pipe() noexcept {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return {};
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

std::size_t pipe_capacity(int pipe) noexcept {
    const int size = ::fcntl(pipe, F_GETPIPE_SZ);
    return size > 0 ? static_cast<std::size_t>(size) : 0;
}

Descriptor watch_child(pid_t child) noexcept {
    return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
}

void trim_memory() noexcept {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
}

bool random_bytes(void* to, std::size_t size) noexcept {
    return ::getrandom(to, size, 0) == static_cast<ssize_t>(size);
}

std::chrono::nanoseconds busy_time() noexcept {
    std::ifstream file("/proc/self/schedstat");
    std::chrono::nanoseconds::rep ran = 0, waited = 0;
    file >> ran >> waited;
    return std::chrono::nanoseconds(ran + waited);
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
