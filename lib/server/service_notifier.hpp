// SPDX-License-Identifier: MIT
// What a running server tells the service manager: that it is ready, alive, busy, stopping.
#pragma once

#include "platform/service_manager.hpp"
#include "server/server_loop.hpp"

#include <costrix/asio.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Reports to NOTIFY_SOCKET by a timer on the first loop.
///
/// The watchdog is fed only while every loop turns: at each tick something is posted to each loop,
/// and the last one to run it reports. So a handler that blocks its thread, whichever that is,
/// keeps the server silent, and a loop that was late is reported as soon as it turns again.
class ServiceNotifier : public std::enable_shared_from_this<ServiceNotifier> {
public:
    /// Null if no service manager asks. `loops` outlive it, and are not added to any more.
    static std::shared_ptr<ServiceNotifier> make(const std::vector<OwnedLoop>& loops);
    ServiceNotifier(const std::vector<OwnedLoop>& loops, NotifySocket socket);

    /// The server is ready. Before the first loop runs.
    void start();
    /// It accepts no calls any more. Any thread.
    void stopping();
    /// Nothing is reported any more. On the first loop.
    void finish();

private:
    using Clock = std::chrono::steady_clock;

    void wait();
    void tick();
    std::string status() const;
    void probe();
    void turned(std::size_t loop);
    bool all_turned() const;

    const std::vector<OwnedLoop>& loops_;
    const NotifySocket socket_;
    const std::optional<std::chrono::microseconds> watchdog_;
    const Clock::duration interval_;
    asio::steady_timer timer_;
    std::mutex mutex_;           // of all that follows
    std::vector<bool> awaited_;  // the loops that are still to turn
    std::string told_;           // the last status
    bool stopping_ = false;
    bool finished_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
