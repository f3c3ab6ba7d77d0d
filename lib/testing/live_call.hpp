// SPDX-License-Identifier: MIT
// Plays a FakeAsterisk's call on a real connection, or against a script's process, in real time.
#pragma once

#include "testing/live_audio.hpp"

#include <costrix/asio.hpp>
#include <costrix/testing/fake_asterisk.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace costrix::inline COSTRIX_ABI::testing::detail {

class ScriptProcess;

/// Errors come back as values.
inline constexpr auto kTuple = costrix::as_tuple(asio::use_awaitable);

/// How Asterisk reaches a script.
class CallWire {
public:
    virtual ~CallWire() = default;
    /// Completes with the number of bytes read; 0 at the end.
    virtual asio::awaitable<std::size_t> read(asio::mutable_buffer into) = 0;
    /// Completes with false when the script is gone, or does not read for 0.1 s: Asterisk waits no
    /// longer (ast_carefulwrite).
    virtual asio::awaitable<bool> write(std::string bytes) = 0;
    virtual void close() = 0;
};

/// A call in progress; it and the FakeAsterisk must outlive run().
///
/// Virtual time passes `speed` times as fast as real time. Thread safety: none.
class LiveCall {
public:
    using Clock = std::chrono::steady_clock;
    using Time = std::chrono::nanoseconds;

    /// A call to a server over a connected socket.
    LiveCall(asio::ip::tcp::socket socket, FakeAsterisk& asterisk, double speed);
    /// A call of a classic script, which has been started.
    LiveCall(std::unique_ptr<ScriptProcess> script, FakeAsterisk& asterisk, double speed);
    ~LiveCall();

    /// Gives up once `hopeless` is true after a command.
    void give_up_when(std::function<bool()> hopeless) { hopeless_ = std::move(hopeless); }

    /// Completes when the call is over; a script's process has ended then.
    asio::awaitable<void> run();
    /// Ends the call at once: a server sees its connection closed, a script is killed.
    void cut();
    /// To be called after FakeAsterisk was driven from outside, by hang_up() for example.
    void wake() { timer_.cancel(); }
    /// Jumps to the next event in virtual time, such as the end of a prompt.
    void skip_ahead();

    /// Virtual time now.
    Time now() const;
    /// The real time at which virtual time is `time`.
    Clock::time_point real_time(Time time) const;
    bool over() const noexcept { return over_; }
    const FakeAsterisk& asterisk() const noexcept { return asterisk_; }
    /// What was wrong with the end of the connection; empty if nothing was.
    const std::string& trouble() const noexcept { return trouble_; }
    /// The exit status of a classic script that has ended.
    std::optional<int> exit_status() const noexcept { return exit_status_; }

private:
    asio::awaitable<void> read();
    asio::awaitable<void> write_and_wait();
    asio::awaitable<void> await_script();
    void catch_up();
    void note_end();

    FakeAsterisk& asterisk_;
    std::unique_ptr<CallWire> wire_;
    ScriptProcess* script_;  // the wire's; null for a server
    double speed_;
    asio::steady_timer timer_;
    LiveAudio audio_;
    std::function<bool()> hopeless_;
    Clock::time_point begun_ = Clock::now();
    Time skipped_{};
    int sighups_ = 0;  // passed on to the script
    bool mid_line_ = false;
    bool over_ = false;
    std::string trouble_;
    std::optional<int> exit_status_;
};

}  // namespace costrix::inline COSTRIX_ABI::testing::detail
