// SPDX-License-Identifier: MIT
// Many descriptors watched by one thread without Asio, for a load of thousands of calls.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Level-triggered. Remove a descriptor before closing it.
class PollSet {
public:
    enum class Interest : std::uint8_t { readable, writable };

    /// Throws std::system_error.
    PollSet();
    ~PollSet();

    /// `tag` identifies the descriptor in what wait() returns. False: errno says why.
    [[nodiscard]] bool add(int descriptor, Interest interest, std::uint64_t tag);
    void change(int descriptor, Interest interest, std::uint64_t tag);
    void remove(int descriptor) noexcept;

    /// Waits until one is ready, failed or closed by its peer, or the time is up; returns the tags
    /// of those that are, until the next call.
    const std::vector<std::uint64_t>& wait(std::chrono::nanoseconds longest);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
    std::vector<std::uint64_t> ready_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
