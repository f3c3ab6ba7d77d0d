// SPDX-License-Identifier: MIT
// Signals in an AGI script: SIGHUP is the caller's hangup, SIGPIPE is ignored.
#include "script/script_signals.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

// The signal handler may write to it at any time and on any thread, so it is never closed.
std::atomic<int> hangup_event = -1;  // none so far
std::atomic<bool> hangup_came = false;
std::atomic<bool> in_use = false;  // there is a ScriptSignals
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

extern "C" {

static void on_sighup(int) {
    const int error = errno;
    hangup_came = true;
    const std::uint64_t one = 1;
    if (::write(hangup_event, &one, sizeof one) < 0)
        errno = error;  // it is readable already, or there is none
}

static void on_sigpipe(int) {}

}  // extern "C"

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
}

/// The process's eventfd, which is created when first needed.
int event() {
    if (hangup_event < 0)
        hangup_event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (hangup_event < 0)
        throw std::system_error(errno, std::system_category(), "eventfd");
    return hangup_event;
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
