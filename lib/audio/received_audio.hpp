// SPDX-License-Identifier: MIT
// What the caller said and pressed, until the handler reads it; the oldest is dropped when it is
// full.
#pragma once

#include "audio/flat_queue.hpp"

#include <costrix/agi/audio_frame.hpp>
#include <costrix/agi/protocol/audio_message.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace costrix::inline COSTRIX_ABI::agi::detail {

class ReceivedAudio {
public:
    static constexpr std::size_t kMaxKeys = 256;

    explicit ReceivedAudio(std::chrono::nanoseconds capacity) : capacity_(capacity) {}

    void add_audio(const AudioMessage& message) {
        frames_.tail().push_back({0, message.sample_rate, 0});
        message.append_samples_to(samples_.tail());
        frames_.back().samples = message.payload.size() / sizeof(std::int16_t);
        held_ += share_of(frames_.back());
        while (held_ > capacity_ && frames_.size() > 1) {
            const auto dropped = pop();
            frames_.front().lost += dropped.lost + dropped.samples;
            lost_ += dropped.samples;
            ++dropped_;
        }
    }
    /// The first keys count: a menu needs them.
    void add_key(char key) {
        if (keys_.size() < kMaxKeys)
            keys_.tail().push_back(key);
    }

    /// True if no frame is there.
    bool empty() const noexcept { return frames_.empty(); }
    /// Moves the first frame into this one, whose memory is used again; false if there is none.
    bool take_frame(AudioFrame& frame) {
        if (frames_.empty())
            return false;
        const auto& first = frames_.front();
        const auto samples = samples_.first(first.samples);
        frame.samples.assign(samples.begin(), samples.end());
        frame.lost = first.lost;
        frame.sample_rate = first.sample_rate;
        pop();
        return true;
    }
    std::optional<char> take_key() {
        if (keys_.empty())
            return std::nullopt;
        const char key = keys_.front();
        keys_.pop();
        return key;
    }
    /// Samples dropped, since the beginning.
    std::uint64_t lost() const noexcept { return lost_; }
    /// The same in frames.
    std::uint64_t dropped() const noexcept { return dropped_; }
    void clear() noexcept {
        samples_.clear();
        frames_.clear();
        keys_.clear();
        held_ = {};
    }

private:
    struct Frame {
        std::size_t samples;
        unsigned sample_rate;
        std::uint64_t lost;
    };

    /// What a frame takes of the capacity. Phones send 2.5 ms or more; the memory of many that are
    /// shorter is bounded, too.
    static std::chrono::nanoseconds share_of(const Frame& frame) noexcept {
        constexpr std::chrono::nanoseconds kLeast = std::chrono::milliseconds(1);
        const std::chrono::nanoseconds length(frame.samples * std::nano::den / frame.sample_rate);
        return std::max(length, kLeast);
    }
    Frame pop() noexcept {
        const auto first = frames_.front();
        samples_.pop(first.samples);
        frames_.pop();
        held_ -= share_of(first);
        return first;
    }

    std::chrono::nanoseconds capacity_;
    std::chrono::nanoseconds held_{};
    FlatQueue<std::int16_t> samples_;  // of all frames
    FlatQueue<Frame> frames_;
    FlatQueue<char> keys_;
    std::uint64_t lost_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
