// SPDX-License-Identifier: MIT
// AudioSocket's messages: how Asterisk and a server exchange a call's audio over TCP.
#pragma once

#include <costrix/agi/detail/config.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::inline COSTRIX_ABI::agi {

/// The sample rates that AudioSocket has, in Hz; at each place, its kind is 0x10 plus the index.
inline constexpr std::array<unsigned, 9>
    kAudioRates{8000, 12000, 16000, 24000, 32000, 44100, 48000, 96000, 192000};

/// True unless Asterisk of this version (`agi_version`) takes 8 kHz only from EXEC AudioSocket.
///
/// All rates: 20.17, 21.12, 22.7, 23.1, what came later, and a version that is not a number.
bool takes_all_audio_rates(std::string_view version) noexcept;

/// A UUID, by which Asterisk identifies an audio connection.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};  ///< The 16 bytes, most significant first.

    /// Parses 36 characters with hyphens, in either case; `nullopt` for anything else.
    static std::optional<Uuid> parse(std::string_view text) noexcept;
    /// 36 characters, lower case.
    std::string to_string() const;

    auto operator<=>(const Uuid&) const = default;  ///< Compares the bytes.
};

/// One message: a kind (1 byte), a length (2 bytes, big-endian), a payload.
struct AudioMessage {
    /// The kinds of message.
    enum class Kind : std::uint8_t {
        end,      ///< 0x00: the sender ends the audio.
        uuid,     ///< 0x01: Asterisk's first message; 16 bytes.
        key,      ///< 0x03: the caller has pressed a key; 1 byte.
        audio,    ///< 0x10 to 0x18: signed linear samples, 16 bits, little-endian.
        error,    ///< 0xff: the sender has failed.
        unknown,  ///< Any other; skip it.
    };

    Kind kind = Kind::unknown;  ///< What the message is.
    unsigned sample_rate = 0;   ///< Of audio, in Hz; 0 for any other kind.
    std::string_view payload;   ///< The bytes after the header; valid until the reader reads on.

    /// The UUID of a message of that kind.
    Uuid uuid() const noexcept;
    /// The key of a message of that kind.
    char key() const noexcept { return payload.front(); }
    /// Appends the samples of a message of that kind.
    void append_samples_to(std::vector<std::int16_t>& samples) const;
};

/// Appends a message with samples.
///
/// `sample_rate` is one of kAudioRates; there are 1 to 32,767 samples.
void append_audio(
    std::string& bytes,
    std::span<const std::int16_t> samples,
    unsigned sample_rate = kAudioRates.front()
);
/// Appends the message that identifies a connection, which Asterisk sends first.
void append_uuid(std::string& bytes, const Uuid& uuid);
/// Appends the message about a key, which only Asterisk may send.
void append_key(std::string& bytes, char key);
/// Appends the message that ends the audio.
void append_end(std::string& bytes);

/// Reads AudioSocket's messages piece by piece. Performs no I/O.
class AudioMessageReader {
public:
    /// What the input so far amounts to.
    enum class Event : std::uint8_t {
        need_more,  ///< All input is consumed.
        message,    ///< See message().
        invalid,    ///< See fault(). Do not read on: what follows cannot be told apart.
    };

    /// The largest payload, in bytes: its length has 16 bits.
    static constexpr std::size_t kMaxPayload = 65535;

    /// A payload larger than `max_payload` bytes is invalid, and is not stored.
    explicit AudioMessageReader(std::size_t max_payload = kMaxPayload) noexcept
        : max_payload_(max_payload) {}

    /// Consumes `input` from its front, up to the end of the next message.
    ///
    /// A message of a known kind whose payload cannot be one is invalid: a UUID that has not 16
    /// bytes, a key that has not one or is no DTMF, audio without samples or with half a sample.
    Event next(std::string_view& input);

    /// The message just returned; valid until the next call of next().
    const AudioMessage& message() const noexcept { return message_; }
    /// What is wrong, such as "an audio message of 0 bytes"; empty before Event::invalid.
    const std::string& fault() const noexcept { return fault_; }
    /// True when a message is unfinished.
    bool partial() const noexcept { return !complete_ && !buffer_.empty(); }

private:
    bool fill(std::string_view& input, std::size_t size);
    void check_size();

    std::size_t max_payload_;
    std::string buffer_;  // the message, or what has come of it
    AudioMessage message_;
    std::string fault_;
    bool complete_ = true;
};

}  // namespace costrix::inline COSTRIX_ABI::agi
