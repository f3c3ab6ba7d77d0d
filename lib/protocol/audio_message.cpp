// SPDX-License-Identifier: MIT
// AudioSocket's messages, to bytes and from bytes.
#include "protocol/ascii.hpp"

#include <costrix/agi/protocol/audio_message.hpp>
#include <costrix/agi/protocol/command_line.hpp>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <utility>

namespace costrix::inline COSTRIX_ABI::agi {
namespace {

using Kind = AudioMessage::Kind;

constexpr std::uint8_t kEnd = 0x00, kUuid = 0x01, kKey = 0x03, kAudio = 0x10, kError = 0xff;
constexpr std::size_t kHeaderSize = 3;
constexpr std::size_t kKeptCapacity = 4096;  // the memory of a longer message is released

constexpr bool has_hyphen_before(std::size_t byte) noexcept {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

std::uint8_t byte_at(std::string_view bytes, std::size_t at) noexcept {
    return static_cast<std::uint8_t>(bytes[at]);
}

void append_header(std::string& bytes, std::uint8_t kind, std::size_t size) {
    bytes += static_cast<char>(kind);
    bytes += static_cast<char>(size >> 8);
    bytes += static_cast<char>(size & 0xff);
}

AudioMessage described(std::uint8_t kind) noexcept {
    if (kind >= kAudio && kind < kAudio + kAudioRates.size())
        return {Kind::audio, kAudioRates[kind - kAudio], {}};
    switch (kind) {
    case kEnd:
        return {Kind::end, 0, {}};
    case kUuid:
        return {Kind::uuid, 0, {}};
    case kKey:
        return {Kind::key, 0, {}};
    case kError:
        return {Kind::error, 0, {}};
    default:
        return {};
    }
}

bool can_be(Kind kind, std::size_t size) noexcept {
    switch (kind) {
    case Kind::uuid:
        return size == std::tuple_size_v<decltype(Uuid::bytes)>;
    case Kind::key:
        return size == 1;
    case Kind::audio:
        return size > 0 && size % sizeof(std::int16_t) == 0;
    default:
        return true;
    }
}

std::string_view name_of(Kind kind) noexcept {
    switch (kind) {
    case Kind::uuid:
        return "a UUID message";
    case Kind::key:
        return "a key message";
    case Kind::audio:
        return "an audio message";
    default:
        return "a message";
    }
}

}  // namespace

bool takes_all_audio_rates(std::string_view version) noexcept {
    constexpr std::pair<unsigned, unsigned> kSince[] = {{20, 17}, {21, 12}, {22, 7}, {23, 1}};
    const auto part = [&version] {
        const auto digits = version.substr(0, version.find_first_not_of("0123456789"));
        version.remove_prefix(std::min(digits.size() + 1, version.size()));
        return detail::to_number<unsigned>(digits);
    };
    const auto major = part();
    if (!major)
        return true;
    for (const auto& [branch, release] : kSince) {
        if (*major == branch)
            return part().value_or(0) >= release;
    }
    return *major > kSince[0].first;
}

std::optional<Uuid> Uuid::parse(std::string_view text) noexcept {
    Uuid uuid;
    for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
        if (has_hyphen_before(i)) {
            if (!text.starts_with('-'))
                return std::nullopt;
            text.remove_prefix(1);
        }
        const auto byte = detail::hex_byte(text);
        if (!byte)
            return std::nullopt;
        uuid.bytes[i] = static_cast<std::uint8_t>(*byte);
        text.remove_prefix(2);
    }
    return text.empty() ? std::optional(uuid) : std::nullopt;
}

std::string Uuid::to_string() const {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (has_hyphen_before(i))
            text += '-';
        text += kDigits[bytes[i] >> 4];
        text += kDigits[bytes[i] & 0xf];
    }
    return text;
}

Uuid AudioMessage::uuid() const noexcept {
    assert(kind == Kind::uuid);
    Uuid uuid;
    for (std::size_t i = 0; i < uuid.bytes.size(); ++i)
        uuid.bytes[i] = byte_at(payload, i);
    return uuid;
}

void AudioMessage::append_samples_to(std::vector<std::int16_t>& samples) const {
    const auto before = samples.size();
    samples.resize(before + payload.size() / 2);
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(samples.data() + before, payload.data(), payload.size() / 2 * 2);
        return;
    }
    for (std::size_t i = 0; i < payload.size() / 2; ++i) {
        const auto value = byte_at(payload, 2 * i) | byte_at(payload, 2 * i + 1) << 8;
        samples[before + i] = static_cast<std::int16_t>(value);
    }
}

void append_audio(std::string& bytes, std::span<const std::int16_t> samples, unsigned sample_rate) {
    const auto* const rate = std::find(kAudioRates.begin(), kAudioRates.end(), sample_rate);
    assert(rate != kAudioRates.end());
    assert(!samples.empty() && samples.size_bytes() <= AudioMessageReader::kMaxPayload);
    append_header(
        bytes,
        static_cast<std::uint8_t>(kAudio + (rate - kAudioRates.begin())),
        samples.size_bytes()
    );
    if constexpr (std::endian::native == std::endian::little) {
        bytes.append(reinterpret_cast<const char*>(samples.data()), samples.size_bytes());
        return;
    }
    auto at = bytes.size();
    bytes.resize(at + samples.size_bytes());
    for (const auto sample : samples) {
        const auto value = static_cast<std::uint16_t>(sample);
        bytes[at++] = static_cast<char>(value & 0xff);
        bytes[at++] = static_cast<char>(value >> 8);
    }
}

void append_uuid(std::string& bytes, const Uuid& uuid) {
    append_header(bytes, kUuid, uuid.bytes.size());
    bytes.append(uuid.bytes.begin(), uuid.bytes.end());
}

void append_key(std::string& bytes, char key) {
    append_header(bytes, kKey, 1);
    bytes += key;
}

void append_end(std::string& bytes) {
    append_header(bytes, kEnd, 0);
}

/// Moves bytes from `input` until the buffer has `size`; false if it has not.
bool AudioMessageReader::fill(std::string_view& input, std::size_t size) {
    if (buffer_.size() < size) {
        const auto part = input.substr(0, size - buffer_.size());
        buffer_ += part;
        input.remove_prefix(part.size());
    }
    return buffer_.size() >= size;
}

void AudioMessageReader::check_size() {
    const auto size = std::size_t{byte_at(buffer_, 1)} << 8 | byte_at(buffer_, 2);
    message_ = described(byte_at(buffer_, 0));
    const bool fits = size <= max_payload_;
    if (fits && can_be(message_.kind, size))
        return;
    fault_ = std::string(name_of(message_.kind)) + " of " + std::to_string(size) + " bytes";
    if (!fits)
        fault_ += ", more than " + std::to_string(max_payload_);
}

AudioMessageReader::Event AudioMessageReader::next(std::string_view& input) {
    if (!fault_.empty())
        return Event::invalid;
    if (std::exchange(complete_, false)) {
        if (buffer_.capacity() > kKeptCapacity)
            buffer_ = std::string();
        buffer_.clear();
    }
    if (!fill(input, kHeaderSize))
        return Event::need_more;
    check_size();
    if (!fault_.empty())
        return Event::invalid;
    const auto size = std::size_t{byte_at(buffer_, 1)} << 8 | byte_at(buffer_, 2);
    if (!fill(input, kHeaderSize + size))
        return Event::need_more;
    message_.payload = std::string_view(buffer_).substr(kHeaderSize);
    if (message_.kind == Kind::key && !is_dtmf(message_.key())) {
        fault_ = "a key message whose key is no DTMF";
        return Event::invalid;
    }
    complete_ = true;
    return Event::message;
}

}  // namespace costrix::inline COSTRIX_ABI::agi
