// SPDX-License-Identifier: MIT
// A blocking connection to a Unix socket, and a path for one.
#include "support/unix_peer.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace costrix::test {

std::unique_ptr<TcpPeer> connect_unix(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        const std::error_code error(errno, std::generic_category());
        ::close(socket);
        throw std::system_error(error, "connect to " + path);
    }
    return std::make_unique<TcpPeer>(TcpPeer::Accepted{socket});
}

UnixPath::UnixPath() {
    std::string name = (std::filesystem::temp_directory_path() / "costrix-XXXXXX").string();
    if (!::mkdtemp(name.data()))
        throw std::system_error(errno, std::generic_category(), "mkdtemp");
    folder_ = name;
}

UnixPath::~UnixPath() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

}  // namespace costrix::test
