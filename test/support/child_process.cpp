// SPDX-License-Identifier: MIT
// A program that a test starts, reads from, and ends.
#include "support/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <utility>

namespace costrix::test {

ChildProcess::ChildProcess(std::vector<std::string> command) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        std::abort();
    std::vector<char*> arguments;
    for (auto& word : command)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = fork();
    if (pid_ < 0)
        std::abort();
    if (pid_ == 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        execv(arguments[0], arguments.data());
        _exit(127);
    }
    close(ends[1]);
    pipe_ = ends[0];
}

ChildProcess::~ChildProcess() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    close(pipe_);
}

bool ChildProcess::read_some(std::chrono::milliseconds patience) {
    pollfd readable{.fd = pipe_, .events = POLLIN, .revents = 0};
    if (poll(&readable, 1, static_cast<int>(patience.count())) <= 0)
        return false;
    char buffer[4096];
    const auto size = read(pipe_, buffer, sizeof buffer);
    if (size <= 0)
        return false;
    output_.append(buffer, static_cast<std::size_t>(size));
    return true;
}

bool ChildProcess::wait_for(const std::string& text, std::chrono::seconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
        const auto at = output_.find(text);
        if (at != std::string::npos && output_.find('\n', at) != std::string::npos)
            return true;
        read_some(std::chrono::milliseconds(50));
    }
    return false;
}

void ChildProcess::signal(int number) {
    if (pid_ > 0)  // -1 would be every process that there is
        kill(pid_, number);
}

int ChildProcess::wait() {
    while (read_some(std::chrono::seconds(10))) {
    }
    if (pid_ <= 0)
        std::abort();  // it has been waited for, or could not be started
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace costrix::test
