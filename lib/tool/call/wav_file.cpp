// SPDX-License-Identifier: MIT
// WAV files in and out of a call, by libsndfile.
#include "tool/call/wav_file.hpp"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace costrix::tool {
namespace {

constexpr int kRate = 8000;
/// An hour.
constexpr double kMaxSamples = 3600.0 * kRate;
constexpr std::size_t kBlock = 4096;

struct Close {
    void operator()(SNDFILE* file) const { sf_close(file); }
};
using File = std::unique_ptr<SNDFILE, Close>;

File open_file(const std::string& name, int mode, SF_INFO& info) {
    File file(sf_open(name.c_str(), mode, &info));
    if (!file)
        throw std::runtime_error(name + ": " + sf_strerror(nullptr));
    return file;
}

/// Sound at 8 kHz, of sound of any rate that comes in blocks.
class Telephone {
public:
    explicit Telephone(int rate) : step_(static_cast<double>(rate) / kRate) {}

    /// Adds frames of so many channels, of which it takes the mean. False if that is too long.
    bool add(std::span<const float> frames, std::size_t channels) {
        const auto end = begin_ + pending_.size() + frames.size() / channels;
        if (static_cast<double>(end) / step_ > kMaxSamples)
            return false;
        for (std::size_t i = 0; i < frames.size(); i += channels) {
            const auto frame = frames.subspan(i, channels);
            const auto sum = std::accumulate(frame.begin(), frame.end(), 0.0F);
            pending_.push_back(sum / static_cast<float>(channels));
        }
        convert();
        return true;
    }
    std::vector<std::int16_t> take() { return std::move(result_); }

private:
    /// Each sample is the mean of the time that it stands for, which is what a telephone needs.
    void convert() {
        while (true) {
            const auto i = static_cast<double>(result_.size());
            const auto from = static_cast<std::size_t>(i * step_) - begin_;
            const auto to = std::max(from + 1, static_cast<std::size_t>((i + 1) * step_) - begin_);
            if (to > pending_.size())
                break;
            float sum = 0;
            for (auto at = from; at < to; ++at)
                sum += pending_[at];
            const auto mean = sum / static_cast<float>(to - from);
            const auto sample = std::lround(std::clamp(mean, -1.0F, 1.0F) * 32768);
            result_.push_back(static_cast<std::int16_t>(std::min(sample, 32767L)));
        }
        const auto next = static_cast<std::size_t>(static_cast<double>(result_.size()) * step_);
        const auto used = std::min(next - begin_, pending_.size());
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(used));
        begin_ += used;
    }

    double step_;
    std::vector<float> pending_;  // the samples that are still needed
    std::size_t begin_ = 0;       // of these, in the sound
    std::vector<std::int16_t> result_;
};

SF_INFO wav_at_8_khz() {
    SF_INFO info{};
    info.samplerate = kRate;
    info.channels = 1;
    info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    return info;
}

}  // namespace

testing::Waveform read_sound_file(const std::string& name) {
    SF_INFO info{};
    const auto file = open_file(name, SFM_READ, info);
    // What the header says of the length may be anything.
    const auto channels = static_cast<std::size_t>(info.channels);
    std::vector<float> block(kBlock * channels);
    Telephone sound(info.samplerate);
    sf_count_t frames = 0, read = 0;
    while ((read = sf_readf_float(file.get(), block.data(), kBlock)) > 0) {
        frames += read;
        if (!sound.add(std::span(block).first(static_cast<std::size_t>(read) * channels), channels))
            throw std::runtime_error(name + ": longer than an hour");
    }
    if (sf_error(file.get()) != SF_ERR_NO_ERROR)
        throw std::runtime_error(name + ": " + sf_strerror(file.get()));
    if (info.frames != SF_COUNT_MAX && frames < info.frames)
        throw std::runtime_error(
            name + ": it ends after " + std::to_string(frames) + " of the " +
            std::to_string(info.frames) + " samples that its header announces"
        );
    return sound.take();
}

void write_sound_file(const std::string& name, const testing::HeardAudio& heard) {
    auto info = wav_at_8_khz();
    const auto file = open_file(name, SFM_WRITE, info);
    const auto end = heard.pieces().empty() ? std::chrono::nanoseconds{} : heard.end();
    const auto sound = heard.between({}, end);
    const auto size = static_cast<sf_count_t>(sound.samples().size());
    if (sf_write_short(file.get(), sound.samples().data(), size) != size)
        throw std::runtime_error(name + ": " + sf_strerror(file.get()));
}

void check_sound_file(const std::string& name) {
    auto info = wav_at_8_khz();
    open_file(name, SFM_WRITE, info);
}

}  // namespace costrix::tool
