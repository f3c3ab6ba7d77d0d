// SPDX-License-Identifier: MIT
// What signals mean in an AGI script: SIGHUP is the caller's hangup, SIGPIPE is nothing.
#include "script/script_signals.hpp"

#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace costrix::agi::detail {
namespace {

constexpr int kNobody = -1;
std::atomic<int> hangup_event{kNobody};  // the eventfd of whoever wants to know
std::atomic<bool> hangup_came{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

extern "C" void costrix_on_sighup(int) {
    const int error = errno;
    hangup_came.store(true);
    const std::uint64_t one = 1;
    if (const int event = hangup_event.load(); event != kNobody) {
        if (::write(event, &one, sizeof one) < 0)
            (void)0;  // it is readable already
    }
    errno = error;
}

extern "C" void costrix_on_sigpipe(int) {}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
}

int new_event() {
    const int event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (event < 0)
        throw std::system_error(errno, std::system_category(), "eventfd");
    int nobody = kNobody;
    if (!hangup_event.compare_exchange_strong(nobody, event)) {
        ::close(event);
        throw std::logic_error("there is an AGI session on standard input already");
    }
    return event;
}

}  // namespace

ScriptSignals::ScriptSignals(const asio::any_io_executor& executor, std::function<void()> on_hangup)
    : event_(executor, new_event()), on_hangup_(std::move(on_hangup)) {
    handle(SIGHUP, costrix_on_sighup);
    handle(SIGPIPE, costrix_on_sigpipe);
    event_.async_wait(asio::posix::stream_descriptor::wait_read, [this](std::error_code error) {
        if (!error)
            deliver();
    });
}

ScriptSignals::~ScriptSignals() {
    stop();
}

void ScriptSignals::deliver() {
    if (!hangup_came.load() || !on_hangup_)
        return;
    const auto call = std::exchange(on_hangup_, nullptr);
    call();
}

void ScriptSignals::stop() noexcept {
    if (event_.is_open())
        hangup_event.store(kNobody);
    std::error_code ignored;
    event_.close(ignored);
    on_hangup_ = nullptr;
}

}  // namespace costrix::agi::detail
