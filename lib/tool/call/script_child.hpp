// SPDX-License-Identifier: MIT
// A classic AGI script as a process of its own, started the way Asterisk starts it.
#pragma once

#include "tool/socket.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace costrix::tool {

/// The process of a script; killed when this goes, unless it has ended.
class ScriptChild {
public:
    /// Starts it with these arguments; throws std::runtime_error, which says why it cannot.
    ScriptChild(const std::string& program, const std::vector<std::string>& arguments);
    ~ScriptChild();
    ScriptChild(const ScriptChild&) = delete;
    ScriptChild& operator=(const ScriptChild&) = delete;

    /// The far end of its standard input and output; once.
    Socket take_socket() noexcept { return std::move(socket_); }
    /// Readable when the process has ended.
    int descriptor() const noexcept { return ended_; }
    void signal(int number) noexcept;
    /// Its exit status once it has ended; 128 and the number of the signal that ended it.
    std::optional<int> status() noexcept;

private:
    Socket socket_;
    pid_t pid_ = -1;
    int ended_ = -1;
};

}  // namespace costrix::tool
