// SPDX-License-Identifier: MIT
// An AudioSocket server that writes down what Asterisk sends.
#include "asterisk/audio_recorder.hpp"

#include "asterisk/rtp_stream.hpp"
#include "asterisk/udp_socket.hpp"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

namespace costrix::test {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kSlot = std::chrono::milliseconds(20);
constexpr std::size_t kMessageHeader = 3;
constexpr unsigned kAudio = 0x10;

unsigned byte_of(char c) {
    return static_cast<unsigned char>(c);
}

std::string hex(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        std::array<char, 4> two{};
        std::snprintf(two.data(), two.size(), "%02x", byte_of(c));
        text += two.data();
    }
    return text;
}

std::string message(unsigned kind, std::string_view payload) {
    std::string bytes{static_cast<char>(kind)};
    bytes += static_cast<char>(payload.size() >> 8);
    bytes += static_cast<char>(payload.size() & 0xff);
    return bytes.append(payload);
}

/// Kind, length, and the payload: of audio its level, which is enough.
std::string described(unsigned kind, std::string_view payload) {
    auto text =
        hex({std::array{static_cast<char>(kind)}.data(), 1}) + ' ' + std::to_string(payload.size());
    if (kind < kAudio || kind == 0xff)
        return payload.empty() ? text : text + ' ' + hex(payload);
    std::vector<std::int16_t> samples;
    for (std::size_t i = 0; i + 1 < payload.size(); i += 2)
        samples.push_back(
            static_cast<std::int16_t>(byte_of(payload[i]) | byte_of(payload[i + 1]) << 8)
        );
    return text + " level " + std::to_string(static_cast<int>(level_of(samples)));
}

}  // namespace

AudioRecorder::AudioRecorder(Script script) : begun_(Clock::now()) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback_address(0);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 1) != 0 ||
        ::getsockname(listener_, generic, &size) != 0)
        throw std::system_error(errno, std::generic_category(), "a TCP socket");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, script = std::move(script)] { run(script); });
}

AudioRecorder::~AudioRecorder() {
    finish();
    ::close(listener_);
}

void AudioRecorder::finish() {
    {
        const std::scoped_lock lock(mutex_);
        stopped_ = true;
    }
    if (thread_.joinable())
        thread_.join();
}

std::string AudioRecorder::text() const {
    const std::scoped_lock lock(mutex_);
    return lines_;
}

void AudioRecorder::add(char direction, std::string_view text) {
    const std::scoped_lock lock(mutex_);
    const std::chrono::duration<double> time = Clock::now() - begun_;
    std::array<char, 32> stamp{};
    std::snprintf(stamp.data(), stamp.size(), "+%.3f ", time.count());
    lines_.append(stamp.data()).append(1, direction).append(" ").append(text).append("\n");
}

void AudioRecorder::run(const Script& script) {
    accept();
    if (socket_ < 0)
        return;
    note("Asterisk connects");
    script(*this);
    if (!ended_)
        listen(std::chrono::seconds(5), false);
    if (socket_ >= 0)
        ::close(std::exchange(socket_, -1));
}

void AudioRecorder::accept() {
    for (bool stop = false; socket_ < 0 && !stop;) {
        pollfd waited{listener_, POLLIN, 0};
        if (::poll(&waited, 1, 50) > 0)
            socket_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const std::scoped_lock lock(mutex_);
        stop = stopped_;
    }
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void AudioRecorder::listen(Milliseconds time, bool silence) {
    const auto end = Clock::now() + time;
    auto next = Clock::now();
    while (!ended_ && Clock::now() < end) {
        if (silence && Clock::now() >= next) {
            write(message(kAudio, std::string(320, '\0')));
            next += kSlot;
        }
        pollfd waited{socket_, POLLIN, 0};
        if (::poll(&waited, 1, 2) > 0)
            receive();
    }
}

void AudioRecorder::receive() {
    std::array<char, 65536> buffer;
    const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (size > 0) {
        input_.append(buffer.data(), static_cast<std::size_t>(size));
        return read_messages();
    }
    note(size == 0 ? "Asterisk closes the connection" : "Asterisk resets the connection");
    ended_ = true;
}

void AudioRecorder::read_messages() {
    while (input_.size() >= kMessageHeader) {
        const auto size = byte_of(input_[1]) << 8 | byte_of(input_[2]);
        if (input_.size() < kMessageHeader + size)
            return;
        const std::string_view payload(input_.data() + kMessageHeader, size);
        add('<', described(byte_of(input_[0]), payload));
        input_.erase(0, kMessageHeader + size);
    }
}

void AudioRecorder::write(std::string_view bytes) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    static_cast<void>(sent);  // recv() tells how it ended
}

void AudioRecorder::send(unsigned kind, std::string_view payload) {
    add('>', described(kind, payload));
    write(message(kind, payload));
}

void AudioRecorder::neglect(Milliseconds time) {
    note("the server reads nothing for " + std::to_string(time.count()) + " ms");
    std::this_thread::sleep_for(time);
    note("the server reads again");
}

void AudioRecorder::send_bytes(std::string_view bytes, std::string_view text) {
    add('!', text);
    write(bytes);
}

void AudioRecorder::half_close() {
    note("the server ends its half of the connection");
    ::shutdown(socket_, SHUT_WR);
}

void AudioRecorder::close() {
    note("the server closes the connection");
    ::close(std::exchange(socket_, -1));
    ended_ = true;
}

}  // namespace costrix::test
