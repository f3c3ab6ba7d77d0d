// SPDX-License-Identifier: MIT
// A program that a test starts in a terminal of its own, types into, and looks at.
#include "support/pseudo_terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include <csignal>
#include <cstdlib>
#include <regex>
#include <utility>

namespace costrix::test {

PseudoTerminal::PseudoTerminal(std::vector<std::string> command) {
    const winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
    std::vector<char*> arguments;
    for (auto& word : command)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (openpty(&terminal_, &inside_, nullptr, nullptr, &size) != 0)
        std::abort();
    fcntl(terminal_, F_SETFD, FD_CLOEXEC);
    pid_ = fork();
    if (pid_ == 0) {
        login_tty(inside_);
        execv(arguments[0], arguments.data());
        _exit(127);
    }
    fcntl(inside_, F_SETFD, FD_CLOEXEC);
}

PseudoTerminal::~PseudoTerminal() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    close(inside_);
    close(terminal_);
}

bool PseudoTerminal::read_some(std::chrono::milliseconds patience) {
    pollfd readable{.fd = terminal_, .events = POLLIN, .revents = 0};
    if (poll(&readable, 1, static_cast<int>(patience.count())) <= 0)
        return false;
    char buffer[4096];
    const auto size = read(terminal_, buffer, sizeof buffer);
    if (size <= 0)
        return false;
    output_.append(buffer, static_cast<std::size_t>(size));
    return true;
}

bool PseudoTerminal::wait_until(
    const std::string& text,
    bool there,
    std::chrono::seconds patience
) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while ((screen().find(text) != std::string::npos) != there) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        read_some(std::chrono::milliseconds(50));
    }
    return true;
}

bool PseudoTerminal::shows(const std::string& text, std::chrono::seconds patience) {
    return wait_until(text, true, patience);
}

bool PseudoTerminal::hides(const std::string& text, std::chrono::seconds patience) {
    return wait_until(text, false, patience);
}

std::string PseudoTerminal::screen() const {
    // Every screen is drawn whole, from the top left corner.
    static const std::string home = "\x1b[H";
    static const std::regex sequence("\x1b\\[[?]?[0-9;]*[A-Za-z]");
    const auto last = output_.rfind(home);
    return std::regex_replace(output_.substr(last == std::string::npos ? 0 : last), sequence, "");
}

bool PseudoTerminal::restored() const {
    termios now{};
    tcgetattr(inside_, &now);
    const tcflag_t wanted = ICANON | ECHO | ISIG;
    return (now.c_lflag & wanted) == wanted && output_.rfind("\x1b[?25h") != std::string::npos &&
           output_.rfind("\x1b[?1049l") > output_.rfind("\x1b[?1049h");
}

void PseudoTerminal::type(const std::string& keys) {
    (void)!write(terminal_, keys.data(), keys.size());
}

void PseudoTerminal::resize(unsigned short columns, unsigned short rows) {
    const winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    ioctl(terminal_, TIOCSWINSZ, &size);
}

int PseudoTerminal::wait() {
    int status = 0;
    while (waitpid(pid_, &status, WNOHANG) == 0)
        read_some(std::chrono::milliseconds(20));
    pid_ = -1;
    while (read_some(std::chrono::milliseconds(0))) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace costrix::test
