// SPDX-License-Identifier: MIT
// AudioSocket's messages: their bytes, cut anywhere, and what no message can be.
#include <costrix/agi/protocol/audio_message.hpp>

#include <gtest/gtest.h>

#include <numeric>

namespace costrix::agi {
namespace {

using Event = AudioMessageReader::Event;
using Kind = AudioMessage::Kind;
using Samples = std::vector<std::int16_t>;
using namespace std::string_literals;

const Uuid kUuid{
    {0x40,
     0x32,
     0x5e,
     0xc2,
     0x5e,
     0xfd,
     0x4b,
     0xd3,  //
     0x80,
     0x5f,
     0x53,
     0x57,
     0x6e,
     0x58,
     0x1d,
     0x13}};

/// A payload with its header.
std::string message(char kind, const std::string& payload) {
    const auto size = payload.size();
    return kind + std::string{static_cast<char>(size >> 8), static_cast<char>(size)} + payload;
}

Samples samples_of(const AudioMessage& audio) {
    Samples samples;
    audio.append_samples_to(samples);
    return samples;
}

/// What is wrong with these bytes; empty if nothing is.
std::string fault_of(std::string_view bytes, std::size_t max = AudioMessageReader::kMaxPayload) {
    AudioMessageReader reader(max);
    while (reader.next(bytes) == Event::message) {
    }
    return reader.fault();
}

TEST(AudioMessage, HasTheBytesThatAsteriskSends) {
    std::string bytes;
    append_uuid(bytes, kUuid);
    append_audio(bytes, Samples{0x2ee5, -15, 0, -32768});
    append_key(bytes, '1');
    append_end(bytes);
    EXPECT_EQ(
        bytes,
        "\x01\x00\x10\x40\x32\x5e\xc2\x5e\xfd\x4b\xd3\x80\x5f\x53\x57\x6e\x58\x1d\x13"s
        "\x10\x00\x08\xe5\x2e\xf1\xff\x00\x00\x00\x80\x03\x00\x01\x31\x00\x00\x00"s
    );
}

TEST(AudioMessage, HasAKindForEachRate) {
    for (std::size_t i = 0; i < kAudioRates.size(); ++i) {
        std::string bytes;
        append_audio(bytes, Samples{1}, kAudioRates[i]);
        EXPECT_EQ(bytes[0], static_cast<char>(0x10 + i));
        AudioMessageReader reader;
        std::string_view input = bytes;
        ASSERT_EQ(reader.next(input), Event::message);
        EXPECT_EQ(reader.message().sample_rate, kAudioRates[i]);
    }
}

TEST(AudioMessage, IsTheSameWhereverItIsCut) {
    Samples frame(160), long_frame(AudioMessageReader::kMaxPayload / 2);
    std::iota(frame.begin(), frame.end(), std::int16_t(-80));
    std::iota(long_frame.begin(), long_frame.end(), std::int16_t(-16000));
    std::string bytes;
    append_uuid(bytes, kUuid);
    append_audio(bytes, frame);
    append_key(bytes, '#');
    append_audio(bytes, long_frame, 48000);
    append_end(bytes);
    bytes += message('\xff', "\x04") + message('\x42', "what comes in a later version");
    for (const std::size_t chunk : {std::size_t(1), std::size_t(2), std::size_t(7), bytes.size()}) {
        AudioMessageReader reader;
        std::vector<Kind> kinds;
        for (std::size_t at = 0; at < bytes.size(); at += chunk) {
            auto input = std::string_view(bytes).substr(at, chunk);
            while (reader.next(input) == Event::message) {
                const auto& now = reader.message();
                kinds.push_back(now.kind);
                EXPECT_FALSE(reader.partial());
                if (now.kind == Kind::uuid) {
                    EXPECT_EQ(now.uuid(), kUuid);
                } else if (now.kind == Kind::key) {
                    EXPECT_EQ(now.key(), '#');
                } else if (now.kind == Kind::audio) {
                    EXPECT_EQ(samples_of(now), now.sample_rate == 8000 ? frame : long_frame);
                }
            }
        }
        EXPECT_EQ(
            kinds,
            (std::vector{
                Kind::uuid,
                Kind::audio,
                Kind::key,
                Kind::audio,
                Kind::end,
                Kind::error,
                Kind::unknown})
        ) << chunk;
        EXPECT_FALSE(reader.partial());
        EXPECT_EQ(reader.fault(), "");
    }
}

TEST(AudioMessage, SaysWhatIsWrong) {
    EXPECT_EQ(fault_of(message('\x01', std::string(15, 'x'))), "a UUID message of 15 bytes");
    EXPECT_EQ(fault_of(message('\x01', std::string(17, 'x'))), "a UUID message of 17 bytes");
    EXPECT_EQ(fault_of(message('\x03', "")), "a key message of 0 bytes");
    EXPECT_EQ(fault_of(message('\x03', "12")), "a key message of 2 bytes");
    EXPECT_EQ(fault_of(message('\x03', "\n")), "a key message whose key is no DTMF");
    EXPECT_EQ(fault_of(message('\x10', "")), "an audio message of 0 bytes");
    EXPECT_EQ(fault_of(message('\x18', "xyz")), "an audio message of 3 bytes");
    const auto audio = message('\x10', std::string(320, 'x'));
    EXPECT_EQ(fault_of(audio, 318), "an audio message of 320 bytes, more than 318");
    EXPECT_EQ(fault_of(audio, 320), "");
    EXPECT_EQ(fault_of(message('\x42', "more"), 3), "a message of 4 bytes, more than 3");
}

TEST(AudioMessage, RefusesALargeMessageByItsHeader) {
    AudioMessageReader reader(1000);
    std::string_view input("\x10\x03\xea", 3);
    EXPECT_EQ(reader.next(input), Event::invalid);
    std::string_view more("\x10\x00\x02xx", 5);
    EXPECT_EQ(reader.next(more), Event::invalid) << "there is no way on";
}

TEST(AudioMessage, IsPartialUntilItIsComplete) {
    AudioMessageReader reader;
    EXPECT_FALSE(reader.partial());
    std::string_view input("\x10\x00\x02x", 4);
    EXPECT_EQ(reader.next(input), Event::need_more);
    EXPECT_TRUE(reader.partial());
    EXPECT_TRUE(input.empty());
    input = "y";
    EXPECT_EQ(reader.next(input), Event::message);
    EXPECT_EQ(samples_of(reader.message()), Samples{0x7978});
}

TEST(Uuid, IsReadAsAsteriskReadsIt) {
    const auto text = "40325ec2-5efd-4bd3-805f-53576e581d13"s;
    EXPECT_EQ(kUuid.to_string(), text);
    EXPECT_EQ(Uuid::parse(text), kUuid);
    EXPECT_EQ(Uuid::parse("40325EC2-5EFD-4BD3-805F-53576E581D13"), kUuid);
    for (const auto* const wrong :
         {"",
          "40325ec25efd4bd3805f53576e581d13",
          "{40325ec2-5efd-4bd3-805f-53576e581d13}",
          "40325ec2-5efd-4bd3-805f-53576e581d1",
          "40325ec2-5efd-4bd3-805f-53576e581d133",
          "40325ec2-5efd-4bd3-805f-53576e581d1g",
          "40325ec2-5efd-4bd3-805f-53576e581d 3",
          "40325ec25-efd-4bd3-805f-53576e581d13",
          " 0325ec2-5efd-4bd3-805f-53576e581d13",
          "+0325ec2-5efd-4bd3-805f-53576e581d13",
          "-0325ec2-5efd-4bd3-805f-53576e581d13"})
        EXPECT_EQ(Uuid::parse(wrong), std::nullopt) << wrong;
}

TEST(AudioRates, AreAllTakenSinceTheReleasesThatHaveThem) {
    for (const auto* const old :
         {"18.26.4",
          "20.16.0",
          "20",
          "20.7-cert5",
          "21.11.2",
          "22.6.0",
          "23.0.0",
          "16.28.0~dfsg-0"})
        EXPECT_FALSE(takes_all_audio_rates(old)) << old;
    for (const auto* const now :
         {"20.17.0", "21.12.0", "22.7.0", "22.10.1~dfsg+~cs6.15.60671435-1", "23.1.0", "24.0.0"})
        EXPECT_TRUE(takes_all_audio_rates(now)) << now;
    for (const auto* const unknown : {"", "GIT-master-1234567", "SVN-trunk-r1"})
        EXPECT_TRUE(takes_all_audio_rates(unknown)) << unknown;
}

}  // namespace
}  // namespace costrix::agi
