// SPDX-License-Identifier: MIT
// Forks the server, and looks at it through /proc.
#include "soak/server_process.hpp"

#include <costrix/agi.hpp>

#include <sched.h>
#include <spdlog/logger.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <thread>

namespace costrix::soak {
namespace {

using namespace std::chrono_literals;

asio::awaitable<void> flow(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    co_await call.execute(agi::GetVariable("CALLERID(num)"));
    for (int i = 3; i < ServerProcess::kCommands; ++i)
        co_await call.execute(agi::Verbose("step " + std::to_string(i)), 10s);
    co_await call.execute(agi::Hangup());
}

asio::awaitable<void> wait(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::WaitForDigit());
    co_await call.execute(agi::Noop());
}

asio::awaitable<void> fail(agi::AGI& call, const agi::Request&) {
    co_await call.execute(agi::Answer());
    throw std::runtime_error("as it was told");
}

int serve(int port_pipe) {
    agi::FastAGIServer server(
        {.port = 0,
         .drain_timeout = 1s,
         .handle_signals = true,
         .logger = std::make_shared<spdlog::logger>("soak"),  // logs to nowhere
         .environment_timeout = 2s,
         .after_hangup_timeout = 1s}
    );
    server.register_script_handler("flow$", flow);
    server.register_script_handler("wait$", wait);
    server.register_script_handler("throw$", fail);
    const auto port = server.port();
    if (write(port_pipe, &port, sizeof port) != sizeof port)
        return 1;
    server.run();
    return 0;
}

}  // namespace

ServerProcess::ServerProcess() {
    int ends[2];
    if (pipe(ends) != 0)
        throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
        int status = 1;
        try {
            status = serve(ends[1]);
        } catch (...) {
        }
        std::exit(status);  // with the sanitizers' checks
    }
    close(ends[1]);
    const auto size = read(ends[0], &port_, sizeof port_);
    close(ends[0]);
    if (size != sizeof port_)
        throw std::runtime_error("the server did not start");
}

ServerProcess::~ServerProcess() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
}

void ServerProcess::isolate() const {
    cpu_set_t own, others;
    CPU_ZERO(&own);
    if (sched_getaffinity(0, sizeof others, &others) != 0 || CPU_COUNT(&others) < 2)
        return;
    int first = 0;
    while (!CPU_ISSET(first, &others))
        ++first;
    CPU_SET(first, &own);
    CPU_CLR(first, &others);
    sched_setaffinity(pid_, sizeof own, &own);
    sched_setaffinity(0, sizeof others, &others);
}

std::string ServerProcess::proc(const char* file) const {
    return "/proc/" + std::to_string(pid_) + '/' + file;
}

std::size_t ServerProcess::memory() const {
    std::ifstream statm(proc("statm"));
    std::size_t all = 0, resident = 0;
    statm >> all >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t ServerProcess::descriptors() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(proc("fd")), {})
    );
}

std::size_t ServerProcess::settle(std::size_t wanted) const {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (descriptors() > wanted && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(10ms);
    return descriptors();
}

bool ServerProcess::stop() {
    kill(pid_, SIGTERM);
    int status = 0;
    const bool ended = waitpid(pid_, &status, 0) == pid_;
    pid_ = -1;
    return ended && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace costrix::soak
