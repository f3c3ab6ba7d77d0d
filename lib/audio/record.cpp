// SPDX-License-Identifier: MIT
// record(): a talk that listens, within limits.
#include "audio/audio_connection.hpp"

#include <costrix/agi/concurrency.hpp>
#include <costrix/agi/record.hpp>
#include <costrix/agi/talk.hpp>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

using StoppedBy = RecordedSound::StoppedBy;

/// dsp.conf: silencethreshold.
constexpr std::int64_t kLoud = 256;
/// When there is nothing to wait for.
constexpr auto kLong = std::chrono::hours(24);

bool is_loud(std::span<const std::int16_t> samples) noexcept {
    std::int64_t sum = 0;
    for (const auto sample : samples)
        sum += std::abs(static_cast<std::int64_t>(sample));
    return sum >= kLoud * static_cast<std::int64_t>(samples.size());
}

struct Recording {
    AGI& call;
    Sink sink;
    RecordLimits limits;
    std::chrono::nanoseconds grace;  // of the sink, for what is left at the end
    RecordedSound result;
    Deadline begun{};
    Deadline loud{};  // when the caller was last heard
    bool begins = false, stopped = false;
    std::int64_t storing = 0;  // samples at the sink; it is not known then whether there is silence

    void stop(StoppedBy why) {
        stopped = true;
        result.stopped_by = why;
    }
    std::int64_t room() const {
        using std::chrono::milliseconds;
        constexpr milliseconds kCentury = std::chrono::hours(24 * 36525);  // nothing overflows
        const auto longest = limits.longest().value_or(kCentury);
        const Samples most(std::clamp(longest, milliseconds(0), kCentury));
        return most.count() - result.endpos.count();
    }
    /// How many samples of a frame are part of the recording.
    std::int64_t wanted(const AudioFrame& frame) const {
        return std::min(static_cast<std::int64_t>(frame.samples.size()), room());
    }
};

/// Gives the sink what comes, until the line has ended or the recording is full.
asio::awaitable<void> store(AudioLine& line, Recording& recording) {
    auto& result = recording.result;
    AudioFrame frame;
    while (const auto* const heard = co_await line.read(frame)) {
        const auto size = recording.wanted(*heard);
        const auto samples = std::span(heard->samples).first(static_cast<std::size_t>(size));
        auto work = recording.sink(samples);
        recording.storing = size;
        result.lost += heard->lost;
        co_await std::move(work);
        recording.storing = 0;
        result.endpos = result.endpos + Samples(size);
        if (is_loud(heard->samples))
            recording.loud = recording.call.now();
        if (recording.room() == 0) {
            if (!recording.stopped)
                recording.stop(StoppedBy::timeout);
            co_return;
        }
    }
}

/// Ends the line, so that store() ends when the sink has taken what had come, and waits as long as
/// that may take.
asio::awaitable<void> let_it_be_stored(AudioLine& line, Recording& recording) {
    connection_of(line).stop();
    co_await recording.call.sleep_for(recording.grace);
}

/// What the sink has not taken.
asio::awaitable<void> count_lost(AudioLine& line, Recording& recording) {
    auto& lost = recording.result.lost;
    auto room = recording.room();
    const auto lose = [&](std::int64_t samples) {
        const auto counted = std::min(samples, room);
        room -= counted;
        lost += static_cast<std::uint64_t>(counted);
    };
    lose(recording.storing);
    AudioFrame frame;
    while (const auto* const heard = co_await line.read(frame)) {
        lost += heard->lost;
        lose(static_cast<std::int64_t>(heard->samples.size()));
    }
}

/// Ends when the time or the silence is over.
asio::awaitable<void> watch(AudioLine& line, Recording& recording) {
    const auto& limits = recording.limits;
    while (!recording.stopped) {
        const auto now = recording.call.now();
        if (recording.storing > 0)
            recording.loud = now;
        const auto full =
            limits.longest() ? after(recording.begun, *limits.longest()) : now + kLong;
        const auto silent =
            limits.silence() ? after(recording.loud, *limits.silence()) : now + kLong;
        if (now >= full || now >= silent) {
            recording.stop(now >= full ? StoppedBy::timeout : StoppedBy::silence);
            break;
        }
        co_await recording.call.sleep_for(std::min(full, silent) - now);
    }
    co_await let_it_be_stored(line, recording);
}

/// Ends at one of the keys. At the end of the line there may still be audio to be stored.
asio::awaitable<void> stop_key(AudioLine& line, Recording& recording) {
    while (const auto key = co_await line.next_key()) {
        if (recording.stopped || recording.limits.ends_with().find(*key) == std::string::npos)
            continue;
        recording.stop(StoppedBy::key);
        recording.result.key = key;
        co_await let_it_be_stored(line, recording);
        co_return;
    }
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer never(executor, asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
}

asio::awaitable<void> record_from(AudioLine& line, Recording& recording) {
    recording.begins = true;
    recording.begun = recording.loud = recording.call.now();
    co_await race(store(line, recording), watch(line, recording), stop_key(line, recording));
    if (line.ended())
        co_await count_lost(line, recording);
}

}  // namespace

asio::awaitable<RecordedSound>
record_into(AGI& call, Sink sink, RecordLimits limits, AudioOptions options) {
    Recording recording{call, std::move(sink), std::move(limits), options.buffer(), {}};
    auto listen = [&recording](AudioLine& line) { return record_from(line, recording); };
    auto conversation = talk(call, listen, options);
    try {
        co_await std::move(conversation);
    } catch (const AGIHangup&) {
        if (!recording.begins || !call.hung_up())
            throw;
        if (!recording.stopped)
            recording.stop(StoppedBy::hangup);
    }
    co_return recording.result;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
