// SPDX-License-Identifier: MIT
// A classic AGI script as a process of its own, started the way Asterisk starts it.
#include "tool/call/script_child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace costrix::tool {
namespace {

[[noreturn]] void fail(const std::string& program, int error) {
    throw std::runtime_error(
        "cannot start " + program + ": " + std::generic_category().message(error)
    );
}

/// What the process is started with: one socket as standard input and output, signals as they are
/// by default, and a group of its own, so that Ctrl-C hangs up and does not end the script.
class SpawnSetup {
public:
    explicit SpawnSetup(int socket) {
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_adddup2(&files, socket, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&files, socket, STDOUT_FILENO);
        posix_spawnattr_init(&attributes);
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setpgroup(&attributes, 0);
        posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        );
    }
    ~SpawnSetup() {
        posix_spawn_file_actions_destroy(&files);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;

    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
};

}  // namespace

ScriptChild::ScriptChild(const std::string& program, const std::vector<std::string>& arguments) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        fail(program, errno);
    socket_ = Socket(ends[0]);
    const Socket low(ends[1]);
    const Socket its(fcntl(ends[1], F_DUPFD_CLOEXEC, 10));  // above what has a meaning for a script
    const SpawnSetup setup(its.descriptor());
    std::vector<char*> words{const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    setenv("AST_AGI_DIR", "/usr/share/asterisk/agi-bin", 0);  // as Asterisk's scripts have it
    const int error =
        posix_spawn(&pid_, program.c_str(), &setup.files, &setup.attributes, words.data(), environ);
    if (error != 0)
        fail(program, error);
    ended_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

ScriptChild::~ScriptChild() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    if (ended_ >= 0)
        close(ended_);
}

void ScriptChild::signal(int number) noexcept {
    if (pid_ > 0)
        kill(pid_, number);
}

std::optional<int> ScriptChild::status() noexcept {
    int status = 0;
    if (pid_ <= 0 || waitpid(pid_, &status, WNOHANG) != pid_)
        return std::nullopt;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace costrix::tool
