// SPDX-License-Identifier: MIT
// A simulated call on a real connection, for a poll() loop to drive.
#pragma once

#include "tool/socket.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <chrono>
#include <optional>

namespace costrix::tool {

/// Moves bytes and time between a FakeAsterisk and a socket.
///
/// The loop polls descriptor() for no longer than until_next(), then calls progress().
class Line {
public:
    using Clock = std::chrono::steady_clock;

    /// Begins the call; virtual time passes `speed` times as fast as real time.
    Line(testing::FakeAsterisk& asterisk, Socket socket, double speed);

    /// What to poll for reading; -1 when the call is over.
    [[nodiscard]] int descriptor() const noexcept { return socket_.descriptor(); }
    /// Real time until something happens by itself; nullopt when nothing will.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> until_next() const;
    /// Reads what has come, lets time catch up, and writes what Asterisk has to say.
    void progress();
    /// Virtual time now.
    [[nodiscard]] std::chrono::nanoseconds now() const;
    /// How much real time a span of virtual time takes.
    [[nodiscard]] std::chrono::nanoseconds real(std::chrono::nanoseconds span) const;
    /// Lets virtual time jump to the next event, such as the end of a prompt.
    void skip_ahead();
    /// Ends the call at once: the script reads the end of the connection.
    void cut();
    /// Whether the connection is closed and AGI() has ended.
    [[nodiscard]] bool over() const noexcept { return over_; }
    /// The far end.
    [[nodiscard]] testing::FakeAsterisk& asterisk() noexcept { return *asterisk_; }

private:
    void catch_up();

    testing::FakeAsterisk* asterisk_;
    Socket socket_;
    double speed_;
    Clock::time_point begun_ = Clock::now();
    std::chrono::nanoseconds skipped_{};
    bool over_ = false;
};

}  // namespace costrix::tool
