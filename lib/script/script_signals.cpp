// SPDX-License-Identifier: MIT
// Signals in an AGI script: SIGHUP is the caller's hangup, SIGPIPE is ignored.
#include "script/script_signals.hpp"

#include "platform/process.hpp"

#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

// A pipe. The signal handler may write to it at any time and on any thread, so it is never closed.
int hangup_reader = -1;  // none so far
std::atomic<int> hangup_writer = -1;
std::atomic<bool> hangup_came = false;
std::atomic<bool> in_use = false;  // there is a ScriptSignals
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

extern "C" {

static void on_sighup(int) {
    const int error = errno;
    hangup_came = true;
    if (::write(hangup_writer, "", 1) < 0)
        errno = error;  // it is full, or there is none
}

static void on_sigpipe(int) {}

}  // extern "C"

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
}

/// The end to read of the process's pipe, which is created when first needed.
int event() {
    if (hangup_reader >= 0)
        return hangup_reader;
    auto [reader, writer] = open_pipe();
    if (!reader || ::fcntl(writer.number(), F_SETFL, O_NONBLOCK) != 0)
        throw std::system_error(errno, std::system_category(), "a pipe for signals");
    hangup_writer = writer.release();
    return hangup_reader = reader.release();
}

}  // namespace

ScriptSignals::Claim::Claim() {
    if (in_use.exchange(true))
        throw std::logic_error("there is an AGI session on standard input already");
}

ScriptSignals::Claim::~Claim() {
    in_use = false;
}

ScriptSignals::ScriptSignals(const asio::any_io_executor& executor, std::function<void()> on_hangup)
    : event_(executor, ::fcntl(event(), F_DUPFD_CLOEXEC, 0)), on_hangup_(std::move(on_hangup)) {
    handle(SIGHUP, on_sighup);
    handle(SIGPIPE, on_sigpipe);
    event_.async_wait(asio::posix::stream_descriptor::wait_read, [this](error_code error) {
        if (!error)
            deliver();
    });
}

ScriptSignals::~ScriptSignals() {
    stop();
}

void ScriptSignals::deliver() {
    if (hangup_came && on_hangup_)
        std::exchange(on_hangup_, nullptr)();
}

void ScriptSignals::stop() noexcept {
    error_code ignored;
    event_.close(ignored);
    on_hangup_ = nullptr;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
