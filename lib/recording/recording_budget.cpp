// SPDX-License-Identifier: MIT
// A limit on the memory of all recordings of a server together.
#include "recording/recording_budget.hpp"

#include <spdlog/logger.h>

namespace costrix::inline COSTRIX_ABI::agi::detail {

bool RecordingBudget::take(std::size_t bytes) {
    if (taken_.fetch_add(bytes) + bytes <= max_bytes_)
        return true;
    taken_.fetch_sub(bytes);
    if (!warned_.exchange(true))
        logger_->warn("{} ({} bytes)", warning_, max_bytes_);
    return false;
}

void RecordingBudget::release(std::size_t bytes) noexcept {
    if (taken_.fetch_sub(bytes) - bytes <= max_bytes_ / 2)
        warned_ = false;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
