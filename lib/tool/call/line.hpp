// SPDX-License-Identifier: MIT
// A simulated call on a real connection, for a poll() loop to drive.
#pragma once

#include "tool/call/script_child.hpp"
#include "tool/socket.hpp"

#include <costrix/testing/fake_asterisk.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace costrix::tool {

/// Moves bytes and time between a FakeAsterisk and a server, or a script's process.
///
/// The loop polls descriptor() for no longer than until_next(), then calls progress().
class Line {
public:
    using Clock = std::chrono::steady_clock;

    /// Begins a call to a server; virtual time passes `speed` times as fast as real time.
    Line(testing::FakeAsterisk& asterisk, Socket socket, double speed);
    /// Begins a call of a classic AGI script.
    Line(testing::FakeAsterisk& asterisk, std::unique_ptr<ScriptChild> script, double speed);

    /// What to poll for reading; -1 when the call is over.
    int descriptor() const noexcept;
    /// Real time until something happens by itself; nullopt when nothing will.
    std::optional<std::chrono::nanoseconds> until_next() const;
    /// Reads what has come, lets time catch up, and writes what Asterisk has to say.
    void progress();
    /// Virtual time now.
    std::chrono::nanoseconds now() const;
    /// How much real time a span of virtual time takes.
    std::chrono::nanoseconds real(std::chrono::nanoseconds span) const;
    /// Lets virtual time jump to the next event, such as the end of a prompt.
    void skip_ahead();
    /// Ends the call at once: a server reads the end of the connection, a script is killed.
    void cut();
    /// Whether the connection is closed and AGI() has ended.
    bool over() const noexcept { return over_; }
    /// The far end.
    const testing::FakeAsterisk& asterisk() const noexcept { return *asterisk_; }
    /// What was wrong with how the server or script behaved, in words; empty for nothing.
    const std::string& trouble() const noexcept { return trouble_; }
    /// The exit status of a classic script that has ended.
    std::optional<int> exit_status() const noexcept { return exit_status_; }

private:
    void catch_up();
    void exchange();
    void end_of_input();
    void await_script();

    testing::FakeAsterisk* asterisk_;
    std::unique_ptr<ScriptChild> script_;
    Socket socket_;
    double speed_;
    Clock::time_point begun_ = Clock::now();
    std::chrono::nanoseconds skipped_{};
    int sighups_ = 0;        ///< passed on to the script
    bool mid_line_ = false;  ///< the last bytes that came ended within a line
    bool over_ = false;
    std::string trouble_;
    std::optional<int> exit_status_;
};

/// Whether Asterisk knows any of the commands that have come; true when none has come yet.
bool speaks_agi(const testing::FakeAsterisk& asterisk);

}  // namespace costrix::tool
