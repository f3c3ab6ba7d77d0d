// SPDX-License-Identifier: MIT
// Sound: samples of the program's own, from memory or made while they are played.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/asio.hpp>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

class AGI;

namespace detail {

using SoundChunk = std::shared_ptr<const std::vector<std::int16_t>>;

template <class T>
concept Samples16 = std::same_as<T, std::vector<std::int16_t>> ||
    std::same_as<T, asio::awaitable<std::vector<std::int16_t>>>;

/// What makes a sound, for all copies of that.
template <class F>
struct SharedSource {
    explicit SharedSource(F source) : make(std::move(source)) {}

    F make;
    std::atomic<bool> busy = false;
};

/// Uses a source until it is destroyed.
class SourceUse {
public:
    /// Throws AGIUsageError if it is in use.
    explicit SourceUse(std::atomic<bool>& busy);
    SourceUse(const SourceUse&) = delete;
    SourceUse& operator=(const SourceUse&) = delete;
    ~SourceUse() { busy_ = false; }

private:
    std::atomic<bool>& busy_;
};

template <class F>
asio::awaitable<std::vector<std::int16_t>> next_samples(std::shared_ptr<SharedSource<F>> source) {
    const SourceUse use(source->busy);
    if constexpr (std::same_as<std::invoke_result_t<F&>, std::vector<std::int16_t>>) {
        co_return source->make();
    } else {
        auto work = source->make();
        co_return co_await std::move(work);
    }
}

}  // namespace detail

/// What makes a sound while it is played: a function or a coroutine that returns the next samples,
/// as many as it likes, and none at the end.
template <class F>
concept SoundSource = std::invocable<F&> && detail::Samples16<std::invoke_result_t<F&>>;

/// How a sound ended.
struct PlayedSound {
    std::optional<char> key;    ///< The key that stopped it; `nullopt` at the sound's end.
    std::uint64_t samples = 0;  ///< How many of its samples have gone to Asterisk.
};

/// Sound of the program's own: signed 16-bit samples, one channel, the host's byte order.
///
/// play() plays it to a caller, AudioLine::play() on a line. It can also be a part of a Prompt:
///
///     agi::Ask({"vm-youhave", agi::Sound(samples, 16000), "vm-messages"})
///
/// Copies share the samples, or the source.
class Sound {
public:
    /// Samples in memory, at 8000, 12000, 16000, 24000, 32000, 44100, 48000, 96000 or 192000 Hz.
    ///
    /// Throws AGIUsageError for any other rate.
    Sound(std::vector<std::int16_t> samples, unsigned sample_rate = 8000);
    /// What `source` makes, such as a reader of a file here, or the voice of a speech model.
    ///
    /// It is called whenever there is room for more, so up to 5 s ahead (AudioOptions::buffer). A
    /// function that blocks blocks the event loop. Such a sound plays once: a second time it goes
    /// on where the source is. Copies share the source, so play one at a time: a copy that needs
    /// the source while that makes samples for another one ends with AGIUsageError.
    template <SoundSource F>
    Sound(F source, unsigned sample_rate = 8000)
        : Sound(
              [shared = std::make_shared<detail::SharedSource<F>>(std::move(source))] {
                  return detail::next_samples(shared);
              },
              sample_rate,
              nullptr
          ) {}

    unsigned sample_rate() const noexcept { return sample_rate_; }  ///< Samples per second.

    /// Plays it in a call as play() does, which makes it a part of a Prompt.
    [[nodiscard]] asio::awaitable<PlayedSound> operator()(AGI& call, std::string stop_keys) const;

    /// For the library: the samples in memory, or null.
    const detail::SoundChunk& samples() const noexcept { return samples_; }
    /// For the library: the source's next samples.
    asio::awaitable<std::vector<std::int16_t>> next() const { return next_(); }

private:
    using Next = std::function<asio::awaitable<std::vector<std::int16_t>>()>;
    Sound(Next next, unsigned sample_rate, std::nullptr_t);

    detail::SoundChunk samples_;
    Next next_;  // unless there are samples
    unsigned sample_rate_;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
