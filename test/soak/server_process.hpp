// SPDX-License-Identifier: MIT
// A server in a process of its own, so that its memory and descriptors can be told from ours.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace costrix::soak {

/// Forks; the child serves until stop(). To be made before any thread is.
///
/// Paths: `flow` executes ten commands, `wait` waits for a key, `throw` answers and throws.
class ServerProcess {
public:
    static constexpr int kCommands = 10;  ///< Of `flow`.

    ServerProcess();
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    /// Gives it a processor of its own, and this process the others, if there is more than one.
    void isolate() const;
    std::uint16_t port() const noexcept { return port_; }
    /// Resident memory, bytes.
    std::size_t memory() const;
    /// Open descriptors.
    std::size_t descriptors() const;
    /// Waits until that many descriptors are open, ten seconds at most; how many are.
    std::size_t settle(std::size_t wanted) const;
    /// Ends it with SIGTERM; true when it ended well.
    bool stop();

private:
    std::string proc(const char* file) const;

    pid_t pid_ = -1;
    std::uint16_t port_ = 0;
};

}  // namespace costrix::soak
