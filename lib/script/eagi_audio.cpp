// SPDX-License-Identifier: MIT
// EAGI's audio: reads descriptor 3 whenever the loop runs, and splits it into frames.
#include "script/eagi_audio.hpp"

#include "platform/process.hpp"
#include "script/standard_streams.hpp"

#include <costrix/agi/actions/variables.hpp>
#include <costrix/agi/exceptions.hpp>

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

namespace costrix::inline COSTRIX_ABI::agi::detail {
namespace {

constexpr int kAudioDescriptor = 3;
constexpr std::size_t kPageSize = 4096;  // a pipe consists of pages

bool is_pipe(int descriptor) noexcept {
    struct stat what {};
    return ::fstat(descriptor, &what) == 0 && (S_ISFIFO(what.st_mode) || S_ISSOCK(what.st_mode));
}

/// How many bytes of `frame`-byte frames fit into the pipe, which splits none between pages.
std::size_t room_in(int pipe, std::size_t frame) noexcept {
    const auto size = pipe_capacity(pipe);
    if (size == 0 || frame > kPageSize)
        return static_cast<std::size_t>(-1);  // a socket, or unknown
    return size / kPageSize * (kPageSize / frame * frame);
}

class EagiAudio final : public AudioSource {
public:
    EagiAudio(const asio::any_io_executor& executor, AudioFormat format, std::size_t max)
        : format_(format), max_frames_(std::max<std::size_t>(max, 1)),
          pipe_(executor, take_descriptor(kAudioDescriptor).release()),
          room_(room_in(pipe_.native_handle(), format.frame_samples() * sizeof(std::int16_t))),
          changed_(executor, asio::steady_timer::time_point::max()) {}

    void wait() {
        auto self = std::static_pointer_cast<EagiAudio>(shared_from_this());
        pipe_.async_wait(
            asio::posix::stream_descriptor::wait_read,
            [self = std::move(self)](error_code error) {
                if (!error && self->take())
                    self->wait();
            }
        );
    }
    const AudioFormat& format() const noexcept override { return format_; }
    std::uint64_t overruns() const noexcept override { return overruns_; }
    void close() noexcept override {
        if (std::exchange(ended_, true))
            return;
        error_code ignored;
        pipe_.close(ignored);
        changed_.cancel();
    }

private:
    /// Reads what the pipe has; false at its end.
    bool take() {
        std::array<char, 65536> buffer;
        const auto size = ::read(pipe_.native_handle(), buffer.data(), buffer.size());
        if (size < 0 && (errno == EINTR || errno == EAGAIN))
            return true;
        if (size <= 0) {
            if (bytes_.size() >= sizeof(std::int16_t))
                add(bytes_);  // the last frame is shorter
            close();
            return false;
        }
        const auto frame = format_.frame_samples() * sizeof(std::int16_t);
        if (static_cast<std::size_t>(size) + frame > room_)
            ++overruns_;
        bytes_.append(buffer.data(), static_cast<std::size_t>(size));
        std::size_t cut = 0;
        for (; bytes_.size() - cut >= frame; cut += frame)
            add(std::string_view(bytes_).substr(cut, frame));
        bytes_.erase(0, cut);
        changed_.cancel();
        return true;
    }

    void add(std::string_view part) {
        auto& frame = frames_.emplace_back();
        frame.sample_rate = format_.sample_rate();
        auto& samples = frame.samples;
        samples.resize(part.size() / sizeof(std::int16_t));
        std::memcpy(samples.data(), part.data(), samples.size() * sizeof(std::int16_t));
        if (frames_.size() <= max_frames_)
            return;
        const auto lost = frames_.front().lost + frames_.front().samples.size();
        frames_.pop_front();
        frames_.front().lost += lost;
        ++overruns_;
    }

    asio::awaitable<AudioFrame*> read(AudioFrame& frame) override {
        while (frames_.empty() && !ended_) {
            co_await changed_.async_wait(as_tuple(asio::use_awaitable));
            const auto state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() != asio::cancellation_type::none)
                throw system_error(asio::error::operation_aborted);
        }
        if (frames_.empty())
            co_return nullptr;
        frame = std::move(frames_.front());
        frames_.pop_front();
        co_return &frame;
    }

    AudioFormat format_;
    std::size_t max_frames_;
    asio::posix::stream_descriptor pipe_;
    std::size_t room_;
    asio::steady_timer changed_;  // cancelled when there is something to look at
    std::string bytes_;           // of an incomplete frame
    std::deque<AudioFrame> frames_;
    std::uint64_t overruns_ = 0;
    bool ended_ = false;
};

}  // namespace

asio::awaitable<std::shared_ptr<AudioSource>>
open_eagi_audio(AGI& call, std::chrono::milliseconds buffer) {
    if (!is_pipe(kAudioDescriptor))
        throw AGIAppError("there is no audio on descriptor 3: it has been opened before");
    const auto name = co_await call.execute(GetVariable("EAGI_AUDIO_FORMAT"));
    AudioFormat format;
    try {
        if (name && !name->empty())
            format = AudioFormat(*name);
    } catch (const std::invalid_argument& error) {
        throw AGIAppError(std::string("EAGI_AUDIO_FORMAT: ") + error.what());
    }
    const auto frames = static_cast<std::size_t>(std::max<std::int64_t>(buffer.count(), 0) / 20);
    auto audio = std::make_shared<EagiAudio>(call.get_executor(), format, frames);
    audio->wait();
    // Asterisk keeps its end open until this process exits: only the hangup ends the audio.
    auto hung_up = [audio](std::exception_ptr) { audio->close(); };
    asio::co_spawn(call.get_executor(), call.wait_for_hangup(), hung_up);
    co_return audio;
}

}  // namespace costrix::inline COSTRIX_ABI::agi::detail
