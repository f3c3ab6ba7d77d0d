// SPDX-License-Identifier: MIT
// What the caller said and pressed, until the handler reads it; the oldest is dropped when it is
// full.
#pragma once

#include <costrix/agi/audio_frame.hpp>
#include <costrix/agi/protocol/audio_message.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {

class ReceivedAudio {
public:
    static constexpr std::size_t kMaxKeys = 256;

    explicit ReceivedAudio(std::chrono::nanoseconds capacity) : capacity_(capacity) {}

    void add_audio(const AudioMessage& message) {
        AudioFrame frame;
        frame.samples.reserve(message.payload.size() / sizeof(std::int16_t));
        message.append_samples_to(frame.samples);
        held_ += length_of(frame, message.sample_rate);
        frames_.push_back({std::move(frame), message.sample_rate});
        while (held_ > capacity_ && frames_.size() > 1) {
            const auto dropped = take();
            const auto lost = dropped.lost + dropped.samples.size();
            frames_.front().frame.lost += lost;
            lost_ += dropped.samples.size();
            ++dropped_;
        }
    }
    /// The first keys count: a menu needs them.
    void add_key(char key) {
        if (keys_.size() < kMaxKeys)
            keys_.push_back(key);
    }

    std::optional<AudioFrame> take_frame() {
        return frames_.empty() ? std::nullopt : std::optional(take());
    }
    std::optional<char> take_key() {
        if (keys_.empty())
            return std::nullopt;
        const char key = keys_.front();
        keys_.pop_front();
        return key;
    }
    /// Samples dropped, since the beginning.
    std::uint64_t lost() const noexcept { return lost_; }
    /// The same in frames.
    std::uint64_t dropped() const noexcept { return dropped_; }
    void clear() noexcept {
        frames_.clear();
        keys_.clear();
        held_ = {};
    }

private:
    struct Held {
        AudioFrame frame;
        unsigned sample_rate;
    };

    static std::chrono::nanoseconds length_of(const AudioFrame& frame, unsigned rate) noexcept {
        return std::chrono::nanoseconds(frame.samples.size() * std::nano::den / rate);
    }
    AudioFrame take() {
        auto first = std::move(frames_.front());
        frames_.pop_front();
        held_ -= length_of(first.frame, first.sample_rate);
        return std::move(first.frame);
    }

    std::chrono::nanoseconds capacity_;
    std::chrono::nanoseconds held_{};
    std::deque<Held> frames_;
    std::deque<char> keys_;
    std::uint64_t lost_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
