// SPDX-License-Identifier: MIT
// How much memory all recordings of a server may take.
#include "recording/recording_budget.hpp"

#include <spdlog/logger.h>

namespace costrix::agi::detail {

bool RecordingBudget::take(std::size_t bytes) {
    if (taken_.fetch_add(bytes) + bytes <= max_bytes_)
        return true;
    taken_.fetch_sub(bytes);
    if (!short_.exchange(true))
        logger_->warn("recordings are cut off: together they are over {} bytes", max_bytes_);
    return false;
}

void RecordingBudget::give_back(std::size_t bytes) noexcept {
    const auto left = taken_.fetch_sub(bytes) - bytes;
    if (left <= max_bytes_ / 2)
        short_ = false;
}

}  // namespace costrix::agi::detail
