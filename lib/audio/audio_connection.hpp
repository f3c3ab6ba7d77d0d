// SPDX-License-Identifier: MIT
// One audio connection from Asterisk: joins the messages to a transport, to time, and to the
// coroutines that wait.
#pragma once

#include "audio/audio_report.hpp"
#include "audio/connection_registry.hpp"
#include "audio/playout_queue.hpp"
#include "audio/received_audio.hpp"
#include "audio/wait_queue.hpp"
#include "session/timer_wheel.hpp"

#include <costrix/agi/audio_line.hpp>
#include <costrix/agi/detail/transport.hpp>
#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Asterisk has identified the connection, and its UUID has been read.
///
/// Used on its transport's executor only. Coroutines resume when something has come, or later, but
/// not from within a call of a handler's.
///
/// Visible outside of a shared library, for the test kit.
class __attribute__((visibility("default"))) AudioConnection final
    : public TransportEvents,
      public std::enable_shared_from_this<AudioConnection>,
      private RegisteredConnection,
      private Timer {
public:
    /// How long Asterisk has to close the connection after end().
    static constexpr auto kMaxEnding = std::chrono::seconds(1);

    /// What Asterisk does with what is sent.
    enum class Output : std::uint8_t {
        played,     ///< It is the whole of what is heard: silence is sent where there is no sound.
        whispered,  ///< It is mixed into something else.
    };

    /// `buffer`: how much audio is kept, in each direction.
    AudioConnection(
        std::unique_ptr<Transport> transport,
        std::chrono::nanoseconds buffer,
        Output output = Output::played
    );
    ~AudioConnection();
    /// Begins to read, and to send.
    void start();
    /// Tells a call's observer from now on what passes; null: no longer.
    void report_to(std::unique_ptr<AudioReport> report) noexcept;

    bool open() const noexcept { return state_ == State::open; }
    /// True if end() came before any other end.
    bool ended_here() const noexcept { return ended_here_; }
    /// Why it ended, unless by end(): what Asterisk did.
    const std::string& fault() const noexcept { return fault_; }

    std::size_t write(std::span<const std::int16_t> samples, unsigned sample_rate) {
        return open() ? output_.push(samples, sample_rate) : 0;
    }
    /// No more comes for now: the end of what is queued does not wait for it.
    void complete() noexcept { output_.complete(); }
    std::size_t clear() noexcept;
    std::uint64_t heard() const noexcept { return output_.taken(); }
    std::size_t queued() const noexcept { return output_.queued(); }
    /// How often clear() was called.
    std::uint64_t clears() const noexcept { return clears_; }
    AudioLineCounters counters() const noexcept;
    std::uint64_t dropped_frames() const noexcept { return input_.dropped(); }
    /// Sends the end, and closes the connection once Asterisk has. What was not read is dropped.
    void end() noexcept;
    /// The same, but what was not read can still be.
    void stop() noexcept;

    /// Something was sent or cleared, or the line has ended.
    WaitQueue& moved() noexcept { return moved_; }
    using Pointer = std::shared_ptr<AudioConnection>;
    static asio::awaitable<AudioFrame*> read(Pointer self, AudioFrame& frame);
    static asio::awaitable<std::optional<char>> next_key(Pointer self);
    static asio::awaitable<bool> drained(Pointer self);

    void on_read(error_code error, std::string_view bytes) override;
    void on_writable() override {}  // the next tick tries again

private:
    enum class State : std::uint8_t { open, ending, over };

    void receive(std::string_view bytes);
    void take(const AudioMessage& message);
    void tick() noexcept;
    void send_due(TimerWheel::Clock::time_point now);
    void play(PlayoutClock::Due due);
    bool take_sound();
    template <class Tell>
    void report(Tell tell);
    void whisper(std::int64_t slots);
    bool flush();
    void finish(std::string_view why) noexcept;
    void leave() noexcept;
    void wake(WaitQueue& queue) noexcept;
    void wake_all() noexcept;

    std::shared_ptr<void> keep_alive() noexcept override { return weak_from_this().lock(); }
    void on_expired() noexcept override;
    void let_go() noexcept override;

    std::unique_ptr<Transport> transport_;
    ConnectionRegistry& registry_;
    TimerWheel& wheel_;
    AudioMessageReader reader_;
    ReceivedAudio input_;
    PlayoutQueue output_;
    PlayoutClock clock_;
    std::optional<WhisperPace> whisper_;
    std::string unsent_;  // of the message that is being sent
    WaitQueue heard_, pressed_, moved_;
    TimerWheel::Clock::time_point give_up_;  // while it is ending
    AudioLineCounters counters_;
    std::uint64_t clears_ = 0;
    std::string fault_;
    State state_ = State::over;
    bool ended_here_ = false;
    bool speaking_ = false;                // whispered sound was sent, and has not ended
    std::unique_ptr<AudioReport> report_;  // null if nobody wants it
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
