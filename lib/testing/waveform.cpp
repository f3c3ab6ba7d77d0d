// SPDX-License-Identifier: MIT
// Waveform for tests: generated, and put together.
#include <costrix/testing/waveform.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace costrix::inline COSTRIX_ABI::testing {
namespace {

constexpr double kSampleRate = 8000;

std::vector<std::int16_t> room_for(std::chrono::nanoseconds length) {
    const auto samples = std::max<std::int64_t>(length / std::chrono::microseconds(125), 0);
    return std::vector<std::int16_t>(static_cast<std::size_t>(samples));
}

}  // namespace

Waveform Waveform::first(std::size_t size) const {
    const auto end = static_cast<std::ptrdiff_t>(std::min(size, samples_.size()));
    return Waveform(std::vector<std::int16_t>(samples_.begin(), samples_.begin() + end));
}

Waveform& Waveform::operator+=(const Waveform& other) {
    const auto size = other.samples_.size();  // which may be this one
    samples_.reserve(samples_.size() + size);
    std::copy_n(other.samples_.begin(), size, std::back_inserter(samples_));
    return *this;
}

Waveform operator+(Waveform one, const Waveform& other) {
    one += other;
    return one;
}

Waveform silence(std::chrono::nanoseconds length) {
    return room_for(length);
}

Waveform tone(double hertz, std::chrono::nanoseconds length, std::int16_t level) {
    auto samples = room_for(length);
    const double step = 2 * std::numbers::pi * hertz / kSampleRate;
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<std::int16_t>(level * std::sin(step * static_cast<double>(i)));
    return samples;
}

Waveform noise(std::chrono::nanoseconds length, std::uint32_t seed, std::int16_t level) {
    auto samples = room_for(length);
    const auto span = static_cast<std::uint32_t>(std::max<int>(level, 1));
    std::uint32_t state = seed * 2654435761U + 1;  // xorshift must not begin with 0
    state += state == 0 ? 1 : 0;
    for (auto& sample : samples) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        const auto magnitude = static_cast<int>((state >> 1) % span) + 1;
        sample = static_cast<std::int16_t>((state & 1) != 0 ? magnitude : -magnitude);
    }
    return samples;
}

}  // namespace costrix::inline COSTRIX_ABI::testing
