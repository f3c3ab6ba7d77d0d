// SPDX-License-Identifier: MIT
// Measures how long classic AGI programs take from exec to their first command, side by side.
#include "platform/descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

extern char** environ;

namespace {

using costrix::agi::detail::Descriptor;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr std::string_view kEnvironment =
    "agi_request: start_up\nagi_channel: PJSIP/100-00000001\nagi_language: en\nagi_type: PJSIP\n"
    "agi_uniqueid: 1795436713.261\nagi_version: 22.10.1\nagi_callerid: unknown\n"
    "agi_calleridname: unknown\nagi_callingpres: 67\nagi_callingani2: 0\nagi_callington: 0\n"
    "agi_callingtns: 0\nagi_dnid: unknown\nagi_rdnis: unknown\nagi_context: classic\n"
    "agi_extension: run\nagi_priority: 2\nagi_enhanced: 0.0\nagi_accountcode: \n"
    "agi_threadid: 140474020153024\n\n";

struct Program {
    std::string name, file;
    std::vector<double> times;  // microseconds
};

struct Pipe {
    Pipe() {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0)
            throw std::runtime_error("pipe");
        read = Descriptor(ends[0]);
        write = Descriptor(ends[1]);
    }
    Descriptor read, write;
};

void send(const Descriptor& descriptor, std::string_view bytes) {
    if (write(descriptor.number(), bytes.data(), bytes.size()) !=
        static_cast<ssize_t>(bytes.size()))
        throw std::runtime_error("write");
}

/// One line; throws when it does not come in ten seconds.
std::string read_line(const Descriptor& descriptor) {
    std::string line;
    char byte = 0;
    pollfd state{.fd = descriptor.number(), .events = POLLIN, .revents = 0};
    while (byte != '\n') {
        if (poll(&state, 1, 10000) != 1 || read(descriptor.number(), &byte, 1) != 1)
            throw std::runtime_error("no command came");
        line += byte;
    }
    return line;
}

/// Runs the program once, as Asterisk would; the time from spawn to its first command.
double run(const Program& program) {
    Pipe in, out;
    send(in.write, kEnvironment);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.read.number(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out.write.number(), STDOUT_FILENO);
    std::string name = program.file;
    char* arguments[] = {name.data(), nullptr};
    pid_t process = 0;
    const auto begin = std::chrono::steady_clock::now();
    if (posix_spawn(&process, name.c_str(), &actions, nullptr, arguments, environ) != 0)
        throw std::runtime_error("cannot start " + program.file);
    posix_spawn_file_actions_destroy(&actions);
    out.write.close();
    const auto command = read_line(out.read);
    const Microseconds time = std::chrono::steady_clock::now() - begin;
    send(in.write, "200 result=0\n");
    int status = 0;
    waitpid(process, &status, 0);
    if (command != "ANSWER\n" || status != 0)
        throw std::runtime_error(program.file + " said " + command);
    return time.count();
}

double quantile(std::vector<double>& values, double part) {
    const auto at =
        values.begin() + static_cast<long>(part * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 3) {
        std::cerr << "usage: start_up ROUNDS NAME=FILE...\n"
                     "The programs take turns; the last column compares with the first one.\n";
        return 2;
    }
    std::vector<Program> programs;
    for (int n = 2; n < argc; ++n) {
        const std::string_view argument = argv[n];
        const auto equals = argument.find('=');
        programs.push_back(
            {std::string(argument.substr(0, equals)), std::string(argument.substr(equals + 1)), {}}
        );
    }
    for (auto& program : programs)
        run(program);  // into the page cache
    for (int round = std::atoi(argv[1]); round > 0; --round) {
        for (auto& program : programs)
            program.times.push_back(run(program));
    }
    const double first = quantile(programs[0].times, 0.5);
    std::cout << "exec to first command, ms     median   10 %   90 %   ratio\n" << std::fixed;
    for (auto& program : programs) {
        const double median = quantile(program.times, 0.5);
        std::cout << std::left << std::setw(28) << program.name << std::right
                  << std::setprecision(2) << std::setw(8) << median / 1000 << std::setw(7)
                  << quantile(program.times, 0.1) / 1000 << std::setw(7)
                  << quantile(program.times, 0.9) / 1000 << std::setw(8) << median / first << '\n';
    }
    return 0;
} catch (const std::exception& error) {
    std::cerr << "start_up: " << error.what() << '\n';
    return 1;
}
