// SPDX-License-Identifier: MIT
// A process that is an AGI script's: started, signalled, reaped.
#pragma once

#include <costrix/asio.hpp>

#include <sys/types.h>

#include <string>
#include <vector>

namespace costrix::inline COSTRIX_ABI::testing::detail {

/// The destructor kills a process that has not ended.
class ScriptProcess {
public:
    struct Options {
        bool audio = false;      ///< gives it a descriptor 3, as EAGI does
        bool own_group = false;  ///< Ctrl-C in the terminal does not reach it
    };

    /// Throws std::system_error when it cannot be started.
    ScriptProcess(
        const asio::any_io_executor& executor,
        std::vector<std::string> command,
        Options options
    );
    ~ScriptProcess();
    ScriptProcess(const ScriptProcess&) = delete;
    ScriptProcess& operator=(const ScriptProcess&) = delete;

    /// Its standard input: a socket, since a write to a pipe without a reader is a signal.
    asio::local::stream_protocol::socket& input() noexcept { return input_; }
    /// Its standard output.
    asio::posix::stream_descriptor& output() noexcept { return output_; }
    /// Closes our ends of both.
    void close();
    /// Sends a signal; does nothing once the process has ended.
    void signal(int number) noexcept;
    /// Completes when it has ended, with its exit status, or 128 plus the number of its signal.
    asio::awaitable<int> wait();

private:
    /// Delegated to, so that the destructor cleans up when the start fails.
    explicit ScriptProcess(const asio::any_io_executor& executor);

    asio::local::stream_protocol::socket input_;
    asio::posix::stream_descriptor output_, ended_, audio_;
    pid_t pid_ = -1;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
