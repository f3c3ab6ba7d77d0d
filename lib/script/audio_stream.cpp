// SPDX-License-Identifier: MIT
// AudioStream: reads descriptor 3 whenever the loop runs, and splits it into frames.
#include "platform/process.hpp"
#include "script/standard_streams.hpp"

#include <costrix/agi/actions/variables.hpp>
#include <costrix/agi/audio_stream.hpp>
#include <costrix/agi/exceptions.hpp>
#include <costrix/asio.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

constexpr int kAudioDescriptor = 3;
constexpr std::size_t kPageSize = 4096;  // a pipe consists of pages

bool is_pipe(int descriptor) noexcept {
    struct stat what {};
    return ::fstat(descriptor, &what) == 0 && (S_ISFIFO(what.st_mode) || S_ISSOCK(what.st_mode));
}

/// How many bytes of `frame`-byte frames fit into the pipe, which splits none between pages.
std::size_t room_in(int pipe, std::size_t frame) noexcept {
    const auto size = detail::pipe_capacity(pipe);
    if (size == 0 || frame > kPageSize)
        return static_cast<std::size_t>(-1);  // a socket, or unknown
    return size / kPageSize * (kPageSize / frame * frame);
}

}  // namespace

struct AudioStream::Reader : std::enable_shared_from_this<AudioStream::Reader> {
    Reader(const asio::any_io_executor& executor, AudioFormat audio_format, std::size_t max)
        : format(audio_format), max_frames(std::max<std::size_t>(max, 1)),
          pipe(executor, detail::take_descriptor(kAudioDescriptor).release()),
          room(room_in(pipe.native_handle(), format.frame_samples() * sizeof(std::int16_t))),
          changed(executor, asio::steady_timer::time_point::max()) {}

    void wait() {
        pipe.async_wait(
            asio::posix::stream_descriptor::wait_read,
            [self = shared_from_this()](error_code error) {
                if (!error && self->take())
                    self->wait();
            }
        );
    }

    /// Reads what the pipe has; false at its end.
    bool take() {
        std::array<char, 65536> buffer;
        const auto size = ::read(pipe.native_handle(), buffer.data(), buffer.size());
        if (size < 0 && (errno == EINTR || errno == EAGAIN))
            return true;
        if (size <= 0) {
            if (bytes.size() >= sizeof(std::int16_t))
                add(bytes);  // the last frame is shorter
            finish();
            return false;
        }
        const auto frame = format.frame_samples() * sizeof(std::int16_t);
        if (static_cast<std::size_t>(size) + frame > room)
            ++overruns;
        bytes.append(buffer.data(), static_cast<std::size_t>(size));
        std::size_t cut = 0;
        for (; bytes.size() - cut >= frame; cut += frame)
            add(std::string_view(bytes).substr(cut, frame));
        bytes.erase(0, cut);
        changed.cancel();
        return true;
    }

    void add(std::string_view part) {
        auto& samples = frames.emplace_back().samples;
        samples.resize(part.size() / sizeof(std::int16_t));
        std::memcpy(samples.data(), part.data(), samples.size() * sizeof(std::int16_t));
        if (frames.size() <= max_frames)
            return;
        const auto lost = frames.front().lost + frames.front().samples.size();
        frames.pop_front();
        frames.front().lost += lost;
        ++overruns;
    }

    void finish() noexcept {
        if (std::exchange(ended, true))
            return;
        error_code ignored;
        pipe.close(ignored);
        changed.cancel();
    }

    AudioFormat format;
    std::size_t max_frames;
    asio::posix::stream_descriptor pipe;
    std::size_t room;
    asio::steady_timer changed;  // cancelled when there is something to look at
    std::string bytes;           // of an incomplete frame
    std::deque<AudioFrame> frames;
    std::uint64_t overruns = 0;
    bool ended = false;
};

AudioStream::AudioStream(const std::shared_ptr<Reader>& reader)
    : reader_(reader.get(), [reader](Reader*) { reader->finish(); }) {}

const AudioFormat& AudioStream::format() const noexcept {
    static const AudioFormat none;
    return reader_ ? reader_->format : none;
}

std::uint64_t AudioStream::overruns() const noexcept {
    return reader_ ? reader_->overruns : 0;
}

void AudioStream::close() noexcept {
    if (reader_)
        reader_->finish();
}

asio::awaitable<std::optional<AudioFrame>> AudioStream::read() {
    return next(reader_ ? reader_->shared_from_this() : nullptr);
}

asio::awaitable<std::optional<AudioFrame>> AudioStream::next(std::shared_ptr<Reader> reader) {
    if (!reader)
        co_return std::nullopt;
    while (reader->frames.empty() && !reader->ended) {
        co_await reader->changed.async_wait(as_tuple(asio::use_awaitable));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none)
            throw system_error(asio::error::operation_aborted);
    }
    if (reader->frames.empty())
        co_return std::nullopt;
    std::optional<AudioFrame> frame(std::move(reader->frames.front()));
    reader->frames.pop_front();
    co_return frame;
}

asio::awaitable<AudioStream> open_audio(AGI& call, std::chrono::milliseconds buffer) {
    if (!call.environment().enhanced() || !is_pipe(kAudioDescriptor))
        throw AGIAppError("there is no audio: the dialplan must start this script by EAGI()");
    const auto name = co_await call.execute(GetVariable("EAGI_AUDIO_FORMAT"));
    AudioFormat format;
    try {
        if (name && !name->empty())
            format = AudioFormat(*name);
    } catch (const std::invalid_argument& error) {
        throw AGIAppError(std::string("EAGI_AUDIO_FORMAT: ") + error.what());
    }
    const auto frames = static_cast<std::size_t>(std::max<std::int64_t>(buffer.count(), 0) / 20);
    auto reader = std::make_shared<AudioStream::Reader>(call.get_executor(), format, frames);
    reader->wait();
    // Asterisk keeps its end open until this process exits: only the hangup ends the audio.
    auto hung_up = [reader](std::exception_ptr) { reader->finish(); };
    asio::co_spawn(call.get_executor(), call.wait_for_hangup(), hung_up);
    co_return AudioStream(reader);
}

}  // namespace costrix::inline COSTRIX_ABI::agi
