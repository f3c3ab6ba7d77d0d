// SPDX-License-Identifier: MIT
// One end of a call's audio over RTP: G.711 in packets of any length, keys, and silence
// suppression.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace costrix::test {

/// A phone's audio (RFC 3550, PCMU; keys as in RFC 4733), on a loopback port of the system's
/// choice.
///
/// Thread safety: all members may be called from several threads. A thread of its own sends at
/// absolute times, and notes when each packet has come.
class RtpStream {
public:
    using Clock = std::chrono::steady_clock;
    using Samples = std::vector<std::int16_t>;
    enum class Silence : std::uint8_t { sent, suppressed };

    struct Packet {
        Clock::time_point at;
        std::uint32_t timestamp = 0;
        Samples samples;
    };

    explicit RtpStream(
        std::chrono::milliseconds packet = std::chrono::milliseconds(20),
        Silence silence = Silence::sent
    );
    ~RtpStream();
    RtpStream(const RtpStream&) = delete;
    RtpStream& operator=(const RtpStream&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    std::chrono::milliseconds packet() const noexcept { return packet_; }
    /// Sends to this port of 127.0.0.1 from now on.
    void connect(std::uint16_t asterisk);

    /// Says this after what is still to be said; it begins with a packet.
    void say(Samples samples);
    /// Says nothing more.
    void stop_saying();
    /// Presses a key for eight packets, during which no audio is sent.
    void press(char key);

    /// When the first packet of each say() was sent.
    std::vector<Clock::time_point> onsets() const;
    /// The audio that has come since the last call.
    std::vector<Packet> take_received();

private:
    struct Key {
        unsigned event;
        std::uint32_t begun;  // its timestamp, all the time
        int packets = 0;
    };
    struct Said {
        Samples samples;
        std::size_t at = 0;
    };

    void run();
    void receive();
    void send_next();
    void send_key(Key& key);
    void send(unsigned type, std::uint32_t timestamp, const std::string& payload, bool marker);

    const std::chrono::milliseconds packet_;
    const Silence silence_;
    std::uint16_t port_ = 0;
    const int socket_;
    mutable std::mutex mutex_;  // guards what follows
    std::uint16_t asterisk_ = 0;
    Clock::time_point next_;
    std::uint16_t sequence_ = 1;
    std::uint32_t timestamp_ = 1000;
    bool talking_ = false;
    std::deque<Said> saying_;
    std::deque<Key> keys_;
    std::vector<Clock::time_point> onsets_;
    std::vector<Packet> received_;
    bool stopped_ = false;
    std::thread thread_;
};

/// A tone of 8 kHz samples, root mean square 7071.
RtpStream::Samples tone_of(std::chrono::milliseconds time, unsigned hertz = 440);

/// Root mean square.
double level_of(std::span<const std::int16_t> samples);

/// Far above anything but a voice or a tone.
inline bool is_loud(std::span<const std::int16_t> samples) {
    return level_of(samples) > 1000;
}

}  // namespace costrix::test
