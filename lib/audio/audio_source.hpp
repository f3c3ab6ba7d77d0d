// SPDX-License-Identifier: MIT
// Where an AudioStream's audio comes from.
#pragma once

#include <costrix/agi/audio_frame.hpp>
#include <costrix/agi/audio_line.hpp>
#include <costrix/asio.hpp>

#include <cstdint>
#include <memory>

namespace costrix::inline COSTRIX_ABI::agi::detail {

class AudioSource : public std::enable_shared_from_this<AudioSource> {
public:
    /// Keeps the source until it has ended.
    static asio::awaitable<AudioFrame*>
    read(std::shared_ptr<AudioSource> source, AudioFrame& frame) {
        co_return co_await source->read(frame);
    }
    virtual const AudioFormat& format() const noexcept = 0;
    virtual std::uint64_t overruns() const noexcept = 0;
    /// What was read so far can still be had.
    virtual void close() noexcept = 0;
    /// Null where one cannot speak.
    virtual AudioLine* line() noexcept { return nullptr; }

protected:
    ~AudioSource() = default;

private:
    virtual asio::awaitable<AudioFrame*> read(AudioFrame& frame) = 0;
};

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
