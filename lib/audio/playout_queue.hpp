// SPDX-License-Identifier: MIT
// What is to be said on an audio line: samples in, messages of 20 ms out; and when each is due.
#pragma once

#include "audio/flat_queue.hpp"

#include <costrix/agi/detail/config.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi::detail {

/// Samples at any of kAudioRates, which may change at any time.
class PlayoutQueue {
public:
    /// Room for a message at least, or nothing could be said.
    explicit PlayoutQueue(std::chrono::nanoseconds capacity)
        : capacity_(std::max<std::chrono::nanoseconds>(capacity, std::chrono::milliseconds(20))) {}

    /// Appends as many samples as there is room for, and returns how many that are.
    std::size_t push(std::span<const std::int16_t> samples, unsigned sample_rate);

    /// Appends the next message to `bytes`; false if silence is due.
    ///
    /// What is left of less than 20 ms is held back for 20 ms: a caller whose phone sends packets
    /// of 30 ms would otherwise hear silence in each. After that, after complete(), and before
    /// another sample rate, the message is filled up with silence.
    bool take_message(std::string& bytes);

    /// What is queued is whole: until more is pushed, nothing is held back.
    void complete() noexcept { complete_ = true; }

    /// Drops what has not been taken, and returns how many samples that were.
    std::size_t clear() noexcept;

    /// Samples not yet taken.
    std::size_t queued() const noexcept { return samples_.size(); }
    /// Samples taken, since the beginning.
    std::uint64_t taken() const noexcept { return taken_; }

private:
    struct Run {
        unsigned sample_rate;
        std::size_t samples;
    };

    std::chrono::nanoseconds capacity_;
    FlatQueue<std::int16_t> samples_;
    FlatQueue<Run> runs_;
    std::vector<std::int16_t> padded_;  // the last message of a sound
    std::uint64_t taken_ = 0;
    bool held_ = false;
    bool complete_ = false;
};

/// When the messages of a line are due: one every 20 ms, by absolute times, so that nothing drifts.
class PlayoutClock {
public:
    using Time = std::chrono::steady_clock::time_point;
    static constexpr auto kSlot = std::chrono::milliseconds(20);
    /// Messages sent at once after a stall: 60 ms of audio.
    static constexpr std::int64_t kMaxBurst = 3;

    struct Due {
        std::int64_t messages = 0;
        std::int64_t skipped = 0;  ///< Not to be sent: their time has passed.
    };

    explicit PlayoutClock(Time start) noexcept : next_(start) {}

    /// When the next message is due.
    Time next() const noexcept { return next_; }
    /// What is due at `now`, once.
    Due take(Time now) noexcept;

private:
    Time next_;
};

/// How many messages to send where Asterisk keeps some for later, and needs no silence: the queue
/// of ChanSpy's whisper, which throws away what is more than 100 ms ahead.
class WhisperPace {
public:
    /// Ahead of the caller's ear: 60 ms.
    static constexpr std::int64_t kMaxAhead = 3;
    /// Slots at the beginning, during which nothing is sent but in the last kMaxAhead: ChanSpy
    /// listens after 100 ms, and would throw away what has come before.
    static constexpr std::int64_t kDeaf = 10;

    /// Asterisk has played for so many slots; how many it was without sound if there was some.
    std::int64_t pass(std::int64_t slots) noexcept {
        const auto missed = std::max<std::int64_t>(slots - ahead_, 0);
        ahead_ = std::max<std::int64_t>(ahead_ - slots, 0);
        return missed;
    }
    bool may_send() const noexcept { return ahead_ < kMaxAhead; }
    void sent() noexcept { ++ahead_; }

private:
    std::int64_t ahead_ = kDeaf;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
