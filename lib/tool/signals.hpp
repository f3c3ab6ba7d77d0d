// SPDX-License-Identifier: MIT
// Signals as something to poll for.
#pragma once

#include <csignal>
#include <initializer_list>

namespace costrix::tool {

/// Blocks signals, and makes them readable instead; they are as before when it goes.
class Signals {
public:
    explicit Signals(std::initializer_list<int> numbers);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    /// Readable when a signal is there.
    int descriptor() const noexcept { return descriptor_; }
    /// The next signal's number; 0 for none.
    int take() const noexcept;

private:
    sigset_t before_{};
    int descriptor_ = -1;
};

}  // namespace costrix::tool
