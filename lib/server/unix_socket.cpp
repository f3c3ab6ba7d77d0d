// SPDX-License-Identifier: MIT
// Listening on a Unix socket: its file, who may use it, and what a dead process left behind.
#include "server/unix_socket.hpp"

#include "platform/descriptor.hpp"
#include "platform/sockets.hpp"

#include <costrix/asio.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

using Protocol = asio::local::stream_protocol;

[[noreturn]] void fail(int error, const std::string& path, const char* why = "") {
    throw std::system_error(
        error, std::system_category(), "cannot listen on the Unix socket \"" + path + '"' + why
    );
}

void check(int result, const std::string& path) {
    if (result != 0)
        fail(errno, path);
}

/// True if somebody listens there; a socket that nobody listens on refuses. Asio would wait where
/// the queue is full.
bool is_served(const std::string& path) {
    const Protocol::endpoint endpoint(path);  // short enough: there is a socket of this name
    const Descriptor probe = open_non_blocking_socket(AF_UNIX, SOCK_STREAM);
    if (!probe)
        fail(errno, path);
    const auto size = static_cast<socklen_t>(endpoint.size());
    return ::connect(probe.number(), endpoint.data(), size) == 0 || errno != ECONNREFUSED;
}

/// Where to bind: the path itself, or a name beside it that is to replace what is there.
std::string free_name(const std::string& path, bool replace) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0)
        return path;
    if (!S_ISSOCK(found.st_mode))
        fail(EEXIST, path, ", which is a file of another kind");
    if (!replace && is_served(path))
        fail(EADDRINUSE, path);
    const auto beside = path + '.' + std::to_string(::getpid());
    ::unlink(beside.c_str());
    return beside;
}

/// Not listening yet. Errors name `path`.
StreamAcceptor bind_socket(
    const asio::any_io_executor& executor,
    const std::string& bound,
    const std::string& path
) {
    try {
        Protocol::acceptor acceptor(executor);
        open_socket(acceptor, Protocol());
        acceptor.bind(Protocol::endpoint(bound));
        acceptor.non_blocking(true);
        return acceptor;
    } catch (const costrix::system_error& error) {
        fail(error.code().value(), path);
    }
}

}  // namespace

UnixSocketFile::UnixSocketFile(std::string path) : path_(std::move(path)) {
    struct stat found {};
    if (::lstat(path_.c_str(), &found) == 0) {
        device_ = found.st_dev;
        inode_ = found.st_ino;
    }
}

void UnixSocketFile::remove() noexcept {
    struct stat found {};
    if (!path_.empty() && ::lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ &&
        found.st_ino == inode_)
        ::unlink(path_.c_str());
    path_.clear();
}

StreamAcceptor listen_on_unix_socket(
    const asio::any_io_executor& executor,
    const FastAGIServerOptions& options,
    UnixSocketFile& file
) {
    const auto& path = options.unix_socket;
    if (path.find('\0') != std::string::npos)
        fail(EINVAL, path.c_str(), ": there is a zero byte in its name");
    const auto bound = free_name(path, options.reuse_port);
    auto acceptor = bind_socket(executor, bound, path);
    UnixSocketFile made(bound);
    // Nobody can connect before it listens, so nobody does with other permissions.
    check(::chmod(bound.c_str(), options.unix_socket_mode), path);
    check(::listen(acceptor.native_handle(), asio::socket_base::max_listen_connections), path);
    if (bound != path) {
        check(std::rename(bound.c_str(), path.c_str()), path);
        made = UnixSocketFile(path);
    }
    file = std::move(made);
    return acceptor;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
