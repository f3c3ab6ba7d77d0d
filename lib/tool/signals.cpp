// SPDX-License-Identifier: MIT
// Signals as something to poll for.
#include "tool/signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

namespace costrix::tool {

Signals::Signals(std::initializer_list<int> numbers) {
    sigset_t mask;
    sigemptyset(&mask);
    for (const int number : numbers)
        sigaddset(&mask, number);
    sigprocmask(SIG_BLOCK, &mask, &before_);
    descriptor_ = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

Signals::~Signals() {
    close(descriptor_);
    sigprocmask(SIG_SETMASK, &before_, nullptr);
}

int Signals::take() const noexcept {
    signalfd_siginfo info;
    return read(descriptor_, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo)
                                                                : 0;
}

}  // namespace costrix::tool
