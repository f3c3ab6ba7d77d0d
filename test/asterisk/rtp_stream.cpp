// SPDX-License-Identifier: MIT
// As much of RTP as a phone needs that sends and receives G.711.
#include "asterisk/rtp_stream.hpp"

#include "asterisk/udp_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace costrix::test {

namespace {

constexpr unsigned kPcmu = 0, kKeys = 101;
constexpr std::size_t kHeader = 12;
constexpr int kKeyPackets = 8, kKeyEnds = 3;  // of 20 ms; the last are sent three times

/// G.711, µ-law: a logarithm of 8 segments, all bits inverted.
std::uint8_t to_mulaw(std::int16_t sample) {
    const int sign = sample < 0 ? 0x80 : 0;
    int value = std::min(std::abs(int{sample}), 32635) + 132;
    int segment = 7;
    for (int mask = 0x4000; segment > 0 && (value & mask) == 0; mask >>= 1)
        --segment;
    return static_cast<std::uint8_t>(~(sign | segment << 4 | (value >> (segment + 3) & 0xf)));
}

std::int16_t from_mulaw(std::uint8_t byte) {
    const int bits = ~byte & 0xff;
    const int value = (((bits & 0xf) << 3) + 132) << (bits >> 4 & 7);
    return static_cast<std::int16_t>((bits & 0x80) != 0 ? 132 - value : value - 132);
}

void append(std::string& bytes, std::uint32_t value, int size) {
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
        bytes += static_cast<char>(value >> shift & 0xff);
}

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (const char byte : bytes.substr(at, size))
        value = value << 8 | static_cast<std::uint8_t>(byte);
    return value;
}

}  // namespace

RtpStream::RtpStream(std::chrono::milliseconds packet, Silence silence)
    : packet_(packet), silence_(silence), socket_(open_udp(port_)), thread_([this] { run(); }) {}

RtpStream::~RtpStream() {
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
    }
    thread_.join();
    ::close(socket_);
}

void RtpStream::connect(std::uint16_t asterisk) {
    const std::scoped_lock lock(mutex_);
    asterisk_ = asterisk;
    next_ = Clock::now();
}

void RtpStream::say(Samples samples) {
    const std::scoped_lock lock(mutex_);
    saying_.push_back({std::move(samples)});
}

void RtpStream::stop_saying() {
    const std::scoped_lock lock(mutex_);
    saying_.clear();
}

void RtpStream::press(char key) {
    const auto event = std::string_view("0123456789*#ABCD").find(key);
    const std::scoped_lock lock(mutex_);
    keys_.push_back({static_cast<unsigned>(event), 0});
}

std::vector<RtpStream::Clock::time_point> RtpStream::onsets() const {
    const std::scoped_lock lock(mutex_);
    return onsets_;
}

std::vector<RtpStream::Packet> RtpStream::take_received() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(received_, {});
}

void RtpStream::run() {
    for (;;) {
        Clock::time_point wake = Clock::now() + std::chrono::milliseconds(50);
        {
            const std::scoped_lock lock(mutex_);
            if (stopped_)
                return;
            for (; asterisk_ != 0 && next_ <= Clock::now(); next_ += packet_)
                send_next();
            if (asterisk_ != 0)
                wake = std::min(wake, next_);
        }
        const auto left = std::chrono::nanoseconds(std::max(wake - Clock::now(), {}));
        const timespec time{left.count() / std::nano::den, left.count() % std::nano::den};
        pollfd waited{socket_, POLLIN, 0};
        if (::ppoll(&waited, 1, &time, nullptr) > 0)
            receive();
    }
}

void RtpStream::receive() {
    std::array<char, 2048> buffer;
    const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
    const auto now = Clock::now();
    const std::string_view bytes(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    if (bytes.size() <= kHeader || (bytes[1] & 0x7f) != kPcmu)
        return;
    Packet packet{now, number_at(bytes, 4, 4), {}};
    for (const char byte : bytes.substr(kHeader))
        packet.samples.push_back(from_mulaw(static_cast<std::uint8_t>(byte)));
    const std::scoped_lock lock(mutex_);
    received_.push_back(std::move(packet));
}

void RtpStream::send_next() {
    const auto begun = timestamp_;
    const auto size = static_cast<std::size_t>(packet_.count()) * 8;
    timestamp_ += static_cast<std::uint32_t>(size);
    if (!keys_.empty()) {
        auto& key = keys_.front();
        if (key.packets == 0)
            key.begun = begun;
        send_key(key);
        if (key.packets == kKeyPackets + kKeyEnds)
            keys_.pop_front();
        talking_ = false;
        return;
    }
    if (saying_.empty() && silence_ == Silence::suppressed) {
        talking_ = false;
        return;
    }
    std::string payload(size, '\xff');
    if (!saying_.empty()) {
        auto& said = saying_.front();
        if (said.at == 0)
            onsets_.push_back(Clock::now());
        for (std::size_t i = 0; i < size && said.at < said.samples.size(); ++i, ++said.at)
            payload[i] = static_cast<char>(to_mulaw(said.samples[said.at]));
        if (said.at == said.samples.size())
            saying_.pop_front();
    }
    send(kPcmu, begun, payload, !std::exchange(talking_, true));
}

/// The end is repeated, since a packet may be lost.
void RtpStream::send_key(Key& key) {
    const int passed = std::min(++key.packets, kKeyPackets);
    std::string payload;
    append(payload, key.event, 1);
    append(payload, key.packets >= kKeyPackets ? 0x8a : 0x0a, 1);
    append(payload, static_cast<std::uint32_t>(passed * packet_.count() * 8), 2);
    send(kKeys, key.begun, payload, key.packets == 1);
}

void RtpStream::send(
    unsigned type,
    std::uint32_t timestamp,
    const std::string& payload,
    bool marker
) {
    std::string bytes;
    append(bytes, 0x80, 1);
    append(bytes, type | (marker ? 0x80U : 0U), 1);
    append(bytes, sequence_++, 2);
    append(bytes, timestamp, 4);
    append(bytes, 0x0c057213, 4);  // the source
    send_udp(socket_, asterisk_, bytes + payload);
}

RtpStream::Samples tone_of(std::chrono::milliseconds time, unsigned hertz) {
    RtpStream::Samples samples(static_cast<std::size_t>(time.count()) * 8);
    const double step = 2 * 3.141592653589793 * hertz / 8000;
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<std::int16_t>(10000 * std::sin(step * static_cast<double>(i)));
    return samples;
}

double level_of(std::span<const std::int16_t> samples) {
    double sum = 0;
    for (const double sample : samples)
        sum += sample * sample;
    return std::sqrt(sum / static_cast<double>(std::max<std::size_t>(samples.size(), 1)));
}

}  // namespace costrix::test
