// SPDX-License-Identifier: MIT
// A blocking connection to a Unix socket, and a path for one.
#pragma once

#include "support/tcp_peer.hpp"

#include <memory>
#include <string>

namespace costrix::test {

/// A peer on a Unix socket; throws std::system_error if it cannot connect.
std::unique_ptr<TcpPeer> connect_unix(const std::string& path);

/// The path of a socket in a folder of its own, which goes with this.
class UnixPath {
public:
    UnixPath();
    ~UnixPath();
    UnixPath(const UnixPath&) = delete;
    UnixPath& operator=(const UnixPath&) = delete;

    const std::string& folder() const noexcept { return folder_; }
    std::string text() const { return folder_ + "/socket"; }

private:
    std::string folder_;
};

}  // namespace costrix::test
