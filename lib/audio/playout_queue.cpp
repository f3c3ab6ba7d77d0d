// SPDX-License-Identifier: MIT
// What is to be said on an audio line: samples in, messages of 20 ms out; and when each is due.
#include "audio/playout_queue.hpp"

#include <costrix/agi/protocol/audio_message.hpp>

#include <algorithm>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

using std::chrono::nanoseconds;

nanoseconds time_of(std::size_t samples, unsigned sample_rate) noexcept {
    return nanoseconds(samples * std::nano::den / sample_rate);
}

}  // namespace

std::size_t PlayoutQueue::push(std::span<const std::int16_t> samples, unsigned sample_rate) {
    auto room = capacity_;
    for (const auto& run : runs_)
        room -= time_of(run.samples, run.sample_rate);
    if (room <= nanoseconds(0))
        return 0;
    const auto most = static_cast<std::uint64_t>(room.count()) * sample_rate / std::nano::den;
    samples = samples.first(std::min<std::size_t>(samples.size(), most));
    if (samples.empty())
        return 0;
    if (runs_.empty() || runs_.back().sample_rate != sample_rate)
        runs_.tail().push_back({sample_rate, 0});
    auto& tail = samples_.tail();
    tail.insert(tail.end(), samples.begin(), samples.end());
    runs_.back().samples += samples.size();
    complete_ = false;
    return samples.size();
}

bool PlayoutQueue::take_message(std::string& bytes) {
    if (runs_.empty())
        return false;
    auto& run = runs_.front();
    const std::size_t whole = run.sample_rate / 50;
    const auto size = std::min(run.samples, whole);
    if (size < whole && runs_.size() == 1 && !held_ && !complete_) {
        held_ = true;
        return false;
    }
    held_ = false;
    auto frame = samples_.first(size);
    if (size < whole) {
        padded_.assign(frame.begin(), frame.end());
        padded_.resize(whole);
        frame = padded_;
    }
    append_audio(bytes, frame, run.sample_rate);
    samples_.pop(size);
    taken_ += size;
    run.samples -= size;
    if (run.samples == 0)
        runs_.pop();
    return true;
}

std::size_t PlayoutQueue::clear() noexcept {
    const auto dropped = queued();
    samples_.clear();
    runs_.clear();
    held_ = false;
    return dropped;
}

PlayoutClock::Due PlayoutClock::take(Time now) noexcept {
    if (now < next_)
        return {};
    const std::int64_t passed = (now - next_) / kSlot + 1;
    next_ += passed * kSlot;
    const auto messages = std::min(passed, kMaxBurst);
    return {messages, passed - messages};
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
