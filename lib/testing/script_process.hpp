// SPDX-License-Identifier: MIT
// A process that is an AGI script's: started, signalled, reaped.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <sys/types.h>

#include <string>
#include <vector>

namespace costrix::testing::detail {

/// Killed when this goes, if it has not ended.
class ScriptProcess {
public:
    /// `audio`: gives it a descriptor 3, as EAGI does. Throws std::system_error.
    ScriptProcess(
        const asio::any_io_executor& executor,
        std::vector<std::string> command,
        bool audio
    );
    ~ScriptProcess();
    ScriptProcess(const ScriptProcess&) = delete;
    ScriptProcess& operator=(const ScriptProcess&) = delete;

    /// Its standard input: a socket, since a write to a pipe without a reader is a signal.
    asio::local::stream_protocol::socket& input() noexcept { return input_; }
    /// Its standard output.
    asio::posix::stream_descriptor& output() noexcept { return output_; }
    /// Sends SIGHUP.
    void hang_up() noexcept;
    /// Completes when it has ended; the result is its exit status, or 128 and the signal.
    asio::awaitable<int> wait();

private:
    /// Not started yet: what throws after this has the destructor run.
    explicit ScriptProcess(const asio::any_io_executor& executor);

    asio::local::stream_protocol::socket input_;
    asio::posix::stream_descriptor output_, ended_, audio_;
    pid_t pid_ = -1;
};

}  // namespace costrix::testing::detail
