// SPDX-License-Identifier: MIT
// Service managers elsewhere: none that Costrix knows.
#include "platform/service_manager.hpp"

namespace costrix::inline COSTRIX_ABI::agi::detail {

NotifySocket::NotifySocket() = default;

void NotifySocket::send(std::string_view, Wait) const noexcept {}

std::optional<std::chrono::microseconds> watchdog_timeout() {
    return std::nullopt;
}

std::vector<Descriptor> take_activated_sockets() {
    return {};
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
