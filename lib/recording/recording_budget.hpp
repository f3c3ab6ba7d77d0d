// SPDX-License-Identifier: MIT
// A limit on the memory of all recordings of a server together.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <spdlog/fwd.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Counts bytes up to a limit. Thread safety: any thread may call any function.
class RecordingBudget {
public:
    /// Logs `warning` when the limit is reached, and again only after half of it was free.
    RecordingBudget(
        std::size_t max_bytes,
        std::shared_ptr<spdlog::logger> logger,
        std::string warning = "recordings are cut off: together they exceed the memory limit"
    )
        : max_bytes_(max_bytes), logger_(std::move(logger)), warning_(std::move(warning)) {}

    /// Counts `bytes`; false, without counting them, when they would exceed the limit.
    bool take(std::size_t bytes);
    void release(std::size_t bytes) noexcept;
    std::size_t max_bytes() const noexcept { return max_bytes_; }

private:
    std::size_t max_bytes_;
    std::shared_ptr<spdlog::logger> logger_;
    std::string warning_;
    std::atomic<std::size_t> taken_ = 0;
    std::atomic<bool> warned_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
