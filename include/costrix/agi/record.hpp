// SPDX-License-Identifier: MIT
// record(): what the caller says, into the program, without a file on Asterisk's disk.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/agi/actions/record.hpp>
#include <costrix/agi/agi.hpp>
#include <costrix/agi/audio_options.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// What ends a record(), apart from the hangup.
class RecordLimits {
public:
    RecordLimits() {}

    /// The maximum length of the recording; unlimited by default.
    RecordLimits& longest(std::chrono::milliseconds time) {
        longest_ = time;
        return *this;
    }
    /// The length of silence that ends it; by default, silence does not end it.
    ///
    /// Silence is what RECORD FILE takes for it by default: 20 ms of a mean amplitude below 256 of
    /// 32,767. The silence is in the recording too.
    RecordLimits& silence(std::chrono::milliseconds time) {
        silence_ = time;
        return *this;
    }
    /// The keys that end it; none by default.
    RecordLimits& ends_with(std::string keys) {
        ends_with_ = std::move(keys);
        return *this;
    }

    /// The maximum length; `nullopt`: no limit.
    std::optional<std::chrono::milliseconds> longest() const noexcept { return longest_; }
    /// The length of silence that ends it; `nullopt`: none does.
    std::optional<std::chrono::milliseconds> silence() const noexcept { return silence_; }
    /// The keys that end it.
    const std::string& ends_with() const noexcept { return ends_with_; }

private:
    std::optional<std::chrono::milliseconds> longest_, silence_;
    std::string ends_with_;
};

/// What ended a record(), and its length.
struct RecordedSound {
    /// A key, the time, silence or the hangup.
    using StoppedBy = RecordFile::StoppedBy;

    StoppedBy stopped_by = StoppedBy::hangup;  ///< What ended the recording.
    std::optional<char> key;                   ///< The key that ended it, if one did.
    Samples endpos;                            ///< How many samples the sink got, at 8 kHz.
    std::uint64_t lost = 0;  ///< Samples that the sink was too slow for; they are not in `endpos`.
};

/// What takes the samples of a recording: a function or a coroutine.
template <class F>
concept SoundSink = std::invocable<F&, std::span<const std::int16_t>> &&
    (std::is_void_v<std::invoke_result_t<F&, std::span<const std::int16_t>>> ||
     std::same_as<std::invoke_result_t<F&, std::span<const std::int16_t>>, asio::awaitable<void>>);

namespace detail {

using Sink = std::function<asio::awaitable<void>(std::span<const std::int16_t>)>;

template <SoundSink F>
asio::awaitable<void> give(F& sink, std::span<const std::int16_t> samples) {
    if constexpr (std::is_void_v<std::invoke_result_t<F&, std::span<const std::int16_t>>>) {
        sink(samples);
        co_return;
    } else {
        auto work = sink(samples);
        co_await std::move(work);
    }
}

asio::awaitable<RecordedSound>
record_into(AGI& call, Sink sink, RecordLimits limits, AudioOptions options);

}  // namespace detail

/// Records the caller into `sink` until a limit is reached or the caller hangs up.
///
///     const auto limits = agi::RecordLimits().longest(2min).silence(3s).ends_with("#");
///     const auto recorded = co_await agi::record(call, sink, limits);
///
/// `sink` is called with the samples (16-bit, 8 kHz) as they come, usually 20 or 30 ms, which stay
/// valid until it returns or its awaitable ends. A coroutine that takes longer than the audio lasts
/// is given 5 s of buffer (AudioOptions::buffer). At a key, a limit or the hangup, it is still
/// given what is in the buffer; after a key or a limit it has as long for that as the buffer is,
/// then it is cancelled, and RecordedSound::lost counts the rest. A phone that suppresses silence
/// sends none: its pauses are not in the recording, but count for the limits.
///
/// It is a talk() that listens: sends EXEC AudioSocket, and needs what talk() needs. The keys need
/// Asterisk 20.14, 21.9, 22.4 or later. It does not beep; StreamFile("beep") before it does.
///
/// As for RecordFile, a hangup is a result once the recording has begun; the next command throws
/// the AGIHangup.
/// Lifetime: the sink is copied or moved; `call` must outlive this.
/// Throws: what the sink throws; an AGIHangup if the caller had hung up before; AGIAppError,
/// AGITimeout as talk().
/// Cancellation: all types, forwarded to the sink; throws asio::error::operation_aborted. The
/// session stays in step.
template <SoundSink F>
[[nodiscard]] asio::awaitable<RecordedSound> record(
    AGI& call,
    F sink,
    RecordLimits limits = RecordLimits(),
    AudioOptions options = AudioOptions()
) {
    auto shared = std::make_shared<F>(std::move(sink));
    auto take = [shared](std::span<const std::int16_t> samples) {
        return detail::give(*shared, samples);
    };
    return detail::record_into(call, std::move(take), std::move(limits), std::move(options));
}

}  // namespace costrix::inline COSTRIX_ABI::agi
