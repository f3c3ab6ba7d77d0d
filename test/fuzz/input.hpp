// SPDX-License-Identifier: MIT
// What every fuzzer shares: cutting its bytes into values, and demanding that something holds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

/// Each fuzzer's one function. libFuzzer calls it, or replay.cpp where there is no libFuzzer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace costrix::fuzz {

/// Cuts a fuzzer's bytes into values: texts from the front, numbers from the end.
///
/// So a seed that is plain text stays what it is, whatever numbers stand behind it. When the bytes
/// have run out, numbers are 0 and texts are empty.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size)
        : left_(reinterpret_cast<const char*>(data), size) {}

    /// A number from 0 to `most`, which is 65,535 or less.
    std::size_t number(std::size_t most) {
        std::size_t value = last_byte();
        if (most > 255)
            value = value * 256 + last_byte();
        return value % (most + 1);
    }
    bool flag() { return number(1) == 1; }
    /// The next `size` bytes, or as many as there are.
    std::string_view text(std::size_t size) {
        const auto taken = left_.substr(0, size);
        left_.remove_prefix(taken.size());
        return taken;
    }
    /// The bytes up to the next LF, which is dropped.
    std::string_view line() {
        const auto taken = text(std::min(left_.find('\n'), left_.size()));
        text(1);
        return taken;
    }
    std::string_view rest() { return text(left_.size()); }
    bool empty() const noexcept { return left_.empty(); }

private:
    std::uint8_t last_byte() {
        if (left_.empty())
            return 0;
        const auto byte = static_cast<std::uint8_t>(left_.back());
        left_.remove_suffix(1);
        return byte;
    }

    std::string_view left_;
};

/// Stops the fuzzer, which then keeps its input, when something does not hold.
inline void require(bool holds, std::string_view what) {
    if (holds)
        return;
    std::cerr << "does not hold: " << what << std::endl;
    std::abort();
}

}  // namespace costrix::fuzz
