// SPDX-License-Identifier: MIT
// AudioOptions: how Asterisk reaches a call's audio, and what is done with it.
#pragma once

#include <costrix/agi/detail/config.hpp>
#include <costrix/asio.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {

/// A range of TCP ports, both ends included; 0 to 0: the system chooses.
struct AudioPorts {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
};

/// How Asterisk reaches a call's audio, and how much of it is kept.
class AudioOptions {
public:
    AudioOptions() {}

    /// The host that Asterisk is told to connect to: a name or an address.
    ///
    /// By default the address at which Asterisk has reached the AGI connection; set it if there is
    /// a balancer or address translation in between.
    AudioOptions& host(std::string name) {
        host_ = std::move(name);
        return *this;
    }
    /// The local address to listen on, if it is not the AGI connection's own.
    AudioOptions& listen_on(asio::ip::address address) {
        listen_on_ = std::move(address);
        return *this;
    }
    /// The ports to listen on, for a firewall's sake: the first that is free. Each event loop needs
    /// one while calls connect.
    AudioOptions& ports(std::uint16_t first, std::uint16_t last) {
        ports_ = {first, last};
        return *this;
    }
    /// How long Asterisk has to connect; 5 s.
    AudioOptions& connect_timeout(std::chrono::milliseconds time) {
        connect_timeout_ = time;
        return *this;
    }
    /// How much audio is kept in each direction, at least 20 ms; 5 s.
    AudioOptions& buffer(std::chrono::milliseconds time) {
        buffer_ = time;
        return *this;
    }
    /// open_audio() only: whether you can also speak, by AudioStream::line(); false.
    AudioOptions& speak(bool on) {
        speak_ = on;
        return *this;
    }
    /// open_audio() only: at how many samples per second the caller's audio comes; 8000. Any of
    /// AudioFormat's rates from Asterisk 20.17, 21.12, 22.7 and 23.1 on. On EAGI's descriptor 3,
    /// EAGI_AUDIO_FORMAT decides.
    AudioOptions& rate(unsigned sample_rate) {
        rate_ = sample_rate;
        return *this;
    }
    /// open_audio() only: whether the audio goes on while an application such as Dial, Queue or
    /// Transfer connects the caller with others; false: it ends before that.
    AudioOptions& while_connected(bool on) {
        while_connected_ = on;
        return *this;
    }

    const std::string& host() const noexcept { return host_; }
    const std::optional<asio::ip::address>& listen_on() const noexcept { return listen_on_; }
    AudioPorts ports() const noexcept { return ports_; }
    std::chrono::milliseconds connect_timeout() const noexcept { return connect_timeout_; }
    std::chrono::milliseconds buffer() const noexcept { return buffer_; }
    bool speak() const noexcept { return speak_; }
    unsigned rate() const noexcept { return rate_; }
    bool while_connected() const noexcept { return while_connected_; }

private:
    std::string host_;
    std::optional<asio::ip::address> listen_on_;
    AudioPorts ports_;
    std::chrono::milliseconds connect_timeout_ = std::chrono::seconds(5);
    std::chrono::milliseconds buffer_ = std::chrono::seconds(5);
    unsigned rate_ = 8000;
    bool speak_ = false;
    bool while_connected_ = false;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
