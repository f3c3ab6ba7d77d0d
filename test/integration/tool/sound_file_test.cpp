// SPDX-License-Identifier: MIT
// Sound files in and out of `costrix call`, and those whose header is wrong.
#include "tool/call/wav_file.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace costrix::tool {
namespace {

std::string little_endian(std::uint32_t number, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i)
        text += static_cast<char>(number >> (8 * i));
    return text;
}

/// A WAV file of 16-bit samples, whatever its header says of their number.
std::string
wav(const std::vector<std::int16_t>& samples, std::uint32_t rate, unsigned channels = 1) {
    std::string data;
    for (const auto sample : samples)
        data += little_endian(static_cast<std::uint16_t>(sample), 2);
    const auto size = static_cast<std::uint32_t>(data.size());
    return "RIFF" + little_endian(36 + size, 4) + "WAVEfmt " + little_endian(16, 4) +
           little_endian(1, 2) + little_endian(channels, 2) + little_endian(rate, 4) +
           little_endian(rate * channels * 2, 4) + little_endian(channels * 2, 2) +
           little_endian(16, 2) + "data" + little_endian(size, 4) + data;
}

/// A FLAC file whose header announces 2^36 - 1 samples of 8 kHz, and which has none.
std::string empty_flac() {
    std::string bytes("fLaC\x80\0\0\x22\x10\0\x10\0\0\0\0\0\0\0", 18);
    bytes += std::string("\x01\xf4\x00\xff\xff\xff\xff\xff", 8);
    return bytes + std::string(16, '\0');
}

class SoundFile : public ::testing::Test {
protected:
    SoundFile() {
        std::string name = ::testing::TempDir() + "costrix-sound-XXXXXX";
        directory_ = ::mkdtemp(name.data());
    }
    ~SoundFile() override { std::filesystem::remove_all(directory_); }

    void SetUp() override {
        write(wav({1}, 8000));
        const auto why = error();
        if (why.find("built without libsndfile") != std::string::npos)
            GTEST_SKIP() << why;
    }
    std::string file() const { return directory_ + "/sound"; }
    void write(std::string_view bytes) const {
        std::ofstream(file(), std::ios::binary)
            .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    std::string error() const {
        try {
            read_sound_file(file());
        } catch (const std::runtime_error& failure) {
            return failure.what();
        }
        return "none";
    }

    std::string directory_;
};

TEST_F(SoundFile, IsReadAsItIsAt8kHz) {
    std::vector<std::int16_t> samples(20000);
    for (std::size_t i = 0; i < samples.size(); ++i)
        samples[i] = static_cast<std::int16_t>(i);
    write(wav(samples, 8000));
    EXPECT_EQ(read_sound_file(file()).samples(), samples);
}

TEST_F(SoundFile, IsMixedAndConvertedTo8kHz) {
    std::vector<std::int16_t> samples;  // of two channels, at 44.1 kHz
    for (int i = 0; i < 44100; ++i)
        samples.insert(samples.end(), {1000, 3000});
    write(wav(samples, 44100, 2));
    EXPECT_EQ(read_sound_file(file()).samples(), std::vector<std::int16_t>(8000, 2000));
    samples.assign(4000, 700);
    write(wav(samples, 4000));
    EXPECT_EQ(read_sound_file(file()).samples(), std::vector<std::int16_t>(8000, 700));
}

TEST_F(SoundFile, IsRefusedWhereItsHeaderMakesItEndless) {
    write(wav(std::vector<std::int16_t>(4000, 7), 1));
    EXPECT_EQ(error(), file() + ": longer than an hour");
}

TEST_F(SoundFile, IsRefusedWhereItsHeaderAnnouncesMoreThanItHas) {
    write(empty_flac());
    EXPECT_EQ(
        error(), file() + ": it ends after 0 of the 68719476735 samples that its header announces"
    );
}

TEST_F(SoundFile, IsRefusedWhereItIsNone) {
    write("hello");
    EXPECT_EQ(error().substr(0, file().size() + 2), file() + ": ");
}

}  // namespace
}  // namespace costrix::tool
