// SPDX-License-Identifier: MIT
// What systems do differently with processes and pipes.
#pragma once

#include "platform/descriptor.hpp"

#include <costrix/agi/detail/config.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstddef>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The name by which the program was started, without its directory.
const char* program_name() noexcept;

/// Both ends have close-on-exec set.
struct Pipe {
    Descriptor read;
    Descriptor write;
};

/// A pipe without descriptors: errno says why.
Pipe open_pipe() noexcept;
/// How many bytes fit into a pipe; 0 if it is none.
std::size_t pipe_capacity(int pipe) noexcept;

/// A descriptor that becomes readable when a child has ended, and stays so; the child is still to
/// be reaped. No descriptor: errno says why.
Descriptor watch_child(pid_t child) noexcept;

/// Gives memory that is not in use back to the system, if the allocator keeps it until asked.
void trim_memory() noexcept;

/// Random bytes that nobody can guess, at most 256. False: errno says why.
bool random_bytes(void* to, std::size_t size) noexcept;

/// How long this process has run, and, if the system counts it, waited for a processor.
std::chrono::nanoseconds busy_time() noexcept;

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
