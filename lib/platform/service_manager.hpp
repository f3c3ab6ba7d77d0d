// SPDX-License-Identifier: MIT
// What a service manager and its service tell each other: systemd, where there is one.
#pragma once

#include "platform/descriptor.hpp"

#include <costrix/agi/detail/config.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Where a service reports its state (sd_notify(3)): NOTIFY_SOCKET.
class NotifySocket {
public:
    /// Of the environment; none if the variable is not set, or the system has no such thing.
    NotifySocket();

    enum class Wait : std::uint8_t { never, seconds };

    explicit operator bool() const noexcept { return static_cast<bool>(socket_); }
    /// Sends assignments such as "READY=1", one a line. What the receiver has no room for is lost,
    /// at once or after five seconds. Any thread.
    void send(std::string_view state, Wait wait = Wait::never) const noexcept;

private:
    std::string name_;
    Descriptor socket_;
};

/// How often this process must report "WATCHDOG=1" at least (WATCHDOG_USEC, WATCHDOG_PID).
std::optional<std::chrono::microseconds> watchdog_timeout();

/// The sockets that the service manager has opened for this process (LISTEN_FDS, LISTEN_PID), with
/// close-on-exec set; none from the second call on. If one of them has the name "agi"
/// (LISTEN_FDNAMES), only those that have it: others are for other parts of the program.
///
/// Throws std::system_error for one that is no listening stream socket.
std::vector<Descriptor> take_activated_sockets();

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
