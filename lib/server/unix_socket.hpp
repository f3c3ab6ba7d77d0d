// SPDX-License-Identifier: MIT
// Listening on a Unix socket: its file, who may use it, and what a dead process left behind.
#pragma once

#include "server/acceptor.hpp"

#include <costrix/agi/server_options.hpp>
#include <costrix/asio.hpp>

#include <sys/types.h>

#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// The file of a listening Unix socket; removed with its owner, unless another socket has replaced
/// it.
class UnixSocketFile {
public:
    UnixSocketFile() = default;
    /// The file exists.
    explicit UnixSocketFile(std::string path);
    UnixSocketFile(UnixSocketFile&& other) noexcept { *this = std::move(other); }
    UnixSocketFile& operator=(UnixSocketFile&& other) noexcept {
        std::swap(path_, other.path_);
        std::swap(device_, other.device_);
        std::swap(inode_, other.inode_);
        return *this;
    }
    ~UnixSocketFile() { remove(); }

    /// Nobody connects by it from now on.
    void remove() noexcept;

private:
    std::string path_;  // empty: none
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

/// Listens on Options::unix_socket, whose file is put into `file`.
///
/// A file that a process left behind when it was killed is replaced; with Options::reuse_port also
/// one that somebody listens on. Throws std::system_error, which names the path.
StreamAcceptor listen_on_unix_socket(
    const asio::any_io_executor& executor,
    const FastAGIServerOptions& options,
    UnixSocketFile& file
);

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
