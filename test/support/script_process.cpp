// SPDX-License-Identifier: MIT
// A classic AGI script in a process of its own; the test plays Asterisk on its descriptors.
#include "support/script_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace costrix::test {
namespace {

using agi::detail::Descriptor;

constexpr int kPatience = 10000;  // milliseconds

struct Ends {
    Descriptor read, write;
};

Ends make_pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        std::abort();
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Ends make_socket() {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        std::abort();
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// Above all descriptors that have a meaning.
Descriptor copy(const Descriptor& descriptor) {
    return Descriptor(descriptor ? fcntl(descriptor.number(), F_DUPFD_CLOEXEC, 10) : -1);
}

bool readable(const Descriptor& descriptor, int milliseconds) {
    pollfd state{.fd = descriptor.number(), .events = POLLIN, .revents = 0};
    return poll(&state, 1, milliseconds) > 0;
}

/// In the child: puts the descriptors where Asterisk would, and becomes the program.
[[noreturn]] void become(char** arguments, const char* file, const int (&descriptors)[4]) {
    for (int number = 0; number < 4; ++number) {
        if (descriptors[number] >= 0)
            dup2(descriptors[number], number);
    }
    signal(SIGHUP, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    execv(file, arguments);
    _exit(127);
}

}  // namespace

ScriptProcess::ScriptProcess(
    std::vector<std::string> command,
    Wire wire,
    bool audio,
    std::string name
) {
    ::signal(SIGPIPE, SIG_IGN);
    const auto new_wire = wire == Wire::pipes ? make_pipe : make_socket;
    Ends in = new_wire();
    Ends out = wire == Wire::socket ? Ends{copy(in.write), copy(in.read)} : new_wire();
    Ends errors = make_pipe();
    Ends sound = audio ? make_pipe() : Ends{};
    const std::string file = command[0];
    if (!name.empty())
        command[0] = std::move(name);
    std::vector<char*> arguments;
    for (auto& word : command)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    // Above the places that they are copied to.
    for (auto* const end : {&in.read, &out.write, &errors.write, &sound.read})
        *end = copy(*end);
    const int descriptors[] = {
        in.read.number(), out.write.number(), errors.write.number(), sound.read.number()};
    pid_ = fork();
    if (pid_ == 0)
        become(arguments.data(), file.c_str(), descriptors);
    to_script_ = std::move(in.write);
    from_script_ = std::move(out.read);
    stderr_ = std::move(errors.read);
    audio_ = std::move(sound.write);
    if (audio_)
        fcntl(audio_.number(), F_SETFL, O_NONBLOCK);
}

ScriptProcess::~ScriptProcess() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
}

void ScriptProcess::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = write(to_script_.number(), bytes.data(), bytes.size());
        if (sent <= 0)
            return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::string ScriptProcess::line() {
    while (received_.find('\n') == std::string::npos) {
        if (!readable(from_script_, kPatience))
            return "<timeout>";
        char buffer[4096];
        const auto size = read(from_script_.number(), buffer, sizeof buffer);
        if (size <= 0)
            return "<eof>";
        received_.append(buffer, static_cast<std::size_t>(size));
    }
    const auto end = received_.find('\n');
    auto text = received_.substr(0, end);
    received_.erase(0, end + 1);
    return text;
}

bool ScriptProcess::has_output() const {
    return !received_.empty() || readable(from_script_, 0);
}

bool ScriptProcess::read_errors(int milliseconds) {
    if (!readable(stderr_, milliseconds))
        return false;
    char buffer[4096];
    const auto size = read(stderr_.number(), buffer, sizeof buffer);
    if (size <= 0)
        return false;
    errors_.append(buffer, static_cast<std::size_t>(size));
    return true;
}

bool ScriptProcess::wait_for(std::string_view text) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatience);
    while (errors_.find(text) == std::string::npos) {
        if (std::chrono::steady_clock::now() > end || !read_errors(kPatience))
            return false;
    }
    return true;
}

void ScriptProcess::signal(int number) {
    if (pid_ > 0)  // -1 would be every process that there is
        kill(pid_, number);
}

bool ScriptProcess::wait_for_stop() {
    int status = 0;
    return waitpid(pid_, &status, WUNTRACED) == pid_ && WIFSTOPPED(status);
}

bool ScriptProcess::send_audio(std::span<const short> samples) {
    const auto bytes = std::as_bytes(samples);
    return write(audio_.number(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
}

int ScriptProcess::wait() {
    while (read_errors(kPatience)) {
    }
    int status = 0;
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatience);
    while (waitpid(pid_, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > end) {
            kill(pid_, SIGKILL);
            waitpid(pid_, &status, 0);
            break;
        }
        poll(nullptr, 0, 1);
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::vector<std::string> step_script(std::vector<std::string> steps) {
    steps.insert(steps.begin(), COSTRIX_BIN_DIR "/step_script");
    return steps;
}

std::string classic_environment(const std::vector<std::string>& arguments) {
    std::string block = "agi_request: script\nagi_channel: PJSIP/100-00000001\nagi_language: en\n"
                        "agi_uniqueid: 1.1\nagi_version: 22.10.1\nagi_callerid: unknown\n"
                        "agi_extension: run\nagi_enhanced: 0.0\nagi_accountcode: \n";
    int number = 0;
    for (const auto& argument : arguments)
        block += "agi_arg_" + std::to_string(++number) + ": " + argument + "\n";
    return block + "\n";
}

}  // namespace costrix::test
