// SPDX-License-Identifier: MIT
// How much memory all recordings of a server may take.
#pragma once

#include <spdlog/fwd.h>

#include <atomic>
#include <cstddef>
#include <memory>

namespace costrix::agi::detail {

/// Counts bytes. Any thread.
class RecordingBudget {
public:
    RecordingBudget(std::size_t max_bytes, std::shared_ptr<spdlog::logger> logger)
        : max_bytes_(max_bytes), logger_(std::move(logger)) {}

    /// False when there is no room for them; the first time, this is logged.
    bool take(std::size_t bytes);
    void give_back(std::size_t bytes) noexcept;
    std::size_t max_bytes() const noexcept { return max_bytes_; }

private:
    std::size_t max_bytes_;
    std::shared_ptr<spdlog::logger> logger_;
    std::atomic<std::size_t> taken_ = 0;
    std::atomic<bool> short_ = false;  // there was no room last; that was logged
};

}  // namespace costrix::agi::detail
