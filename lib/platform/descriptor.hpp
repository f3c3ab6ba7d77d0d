// SPDX-License-Identifier: MIT
// A file descriptor that is closed with its owner.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <unistd.h>

#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

class Descriptor {
public:
    Descriptor() noexcept = default;
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        if (this != &other) {
            close();
            number_ = std::exchange(other.number_, -1);
        }
        return *this;
    }
    ~Descriptor() { close(); }

    int number() const noexcept { return number_; }
    explicit operator bool() const noexcept { return number_ >= 0; }
    void close() noexcept {
        if (number_ >= 0)
            ::close(std::exchange(number_, -1));
    }
    /// Gives the descriptor away.
    int release() noexcept { return std::exchange(number_, -1); }

private:
    int number_ = -1;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
