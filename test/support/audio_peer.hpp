// SPDX-License-Identifier: MIT
// Asterisk's end of an audio connection, for tests.
#pragma once

#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/asio.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costrix::test {

using Samples = std::vector<std::int16_t>;

inline std::string identity(const agi::Uuid& uuid) {
    std::string bytes;
    agi::append_uuid(bytes, uuid);
    return bytes;
}
inline std::string audio(const Samples& samples) {
    std::string bytes;
    agi::append_audio(bytes, samples);
    return bytes;
}
/// True if nobody listens on this port of the loopback.
inline bool refused(std::uint16_t port) {
    try {
        asio::io_context context;
        asio::ip::tcp::socket socket(context);
        socket.connect({asio::ip::address_v4::loopback(), port});
    } catch (const costrix::system_error&) {
        return true;
    }
    return false;
}

/// Asterisk's end of an audio connection.
class AudioPeer {
public:
    explicit AudioPeer(std::uint16_t port) {
        socket_.connect({asio::ip::address_v4::loopback(), port});
        socket_.non_blocking(true);
    }
    void send(std::string_view bytes) { asio::write(socket_, asio::buffer(bytes)); }
    void close() { socket_.close(); }
    /// True once such samples have come.
    bool has(const Samples& samples) {
        look();
        return std::find(heard_.begin(), heard_.end(), samples) != heard_.end();
    }
    /// How many messages of audio have come.
    std::size_t messages() {
        look();
        return heard_.size();
    }
    /// What has come so far, once.
    std::vector<Samples> take() {
        look();
        return std::exchange(heard_, std::vector<Samples>());
    }
    /// True once it has been told the end.
    bool ended() {
        look();
        return ended_;
    }
    bool closed() {
        look();
        return closed_;
    }

private:
    void look() {
        std::array<char, 4096> buffer{};
        while (!closed_) {
            error_code error;
            const auto size = socket_.read_some(asio::buffer(buffer), error);
            if (error == asio::error::would_block)
                return;
            closed_ = error == asio::error::eof || error == asio::error::connection_reset;
            std::string_view input(buffer.data(), size);
            while (reader_.next(input) == agi::AudioMessageReader::Event::message) {
                ended_ = ended_ || reader_.message().kind == agi::AudioMessage::Kind::end;
                if (reader_.message().kind == agi::AudioMessage::Kind::audio)
                    reader_.message().append_samples_to(heard_.emplace_back());
            }
        }
    }

    asio::io_context context_;
    asio::ip::tcp::socket socket_{context_};
    agi::AudioMessageReader reader_;
    std::vector<Samples> heard_;
    bool ended_ = false;
    bool closed_ = false;
};

}  // namespace costrix::test
