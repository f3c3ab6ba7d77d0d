// SPDX-License-Identifier: MIT
// `costrix call --says --heard` and `costrix load --audio`, against the sample that echoes.
#include "integration/tool/tool_fixture.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace costrix {
namespace {

using test::contains;
using test::run_tool;
using test::Service;

const std::vector<std::string> kEcho{COSTRIX_BIN_DIR "/echo_audio", "0"};

/// A WAV file's header: 16 bits, one channel, 8 kHz.
std::string wav_of(const std::vector<std::int16_t>& samples) {
    const auto number = [](std::uint32_t value, int bytes) {
        std::string text;
        for (int i = 0; i < bytes; ++i)
            text += static_cast<char>(value >> (8 * i) & 0xff);
        return text;
    };
    const auto size = static_cast<std::uint32_t>(samples.size() * sizeof(std::int16_t));
    std::string file = "RIFF" + number(36 + size, 4) + "WAVEfmt " + number(16, 4) + number(1, 2) +
                       number(1, 2) + number(8000, 4) + number(16000, 4) + number(2, 2) +
                       number(16, 2) + "data" + number(size, 4);
    for (const auto sample : samples)
        file += number(static_cast<std::uint16_t>(sample), 2);
    return file;
}

/// The samples behind the header that are not 0.
std::vector<std::int16_t> sound_of(const std::string& file) {
    std::vector<std::int16_t> samples;
    const auto data = file.find("data");
    for (auto at = data + 8; data != std::string::npos && at + 1 < file.size(); at += 2) {
        std::int16_t sample = 0;
        std::memcpy(&sample, file.data() + at, sizeof sample);
        if (sample != 0)
            samples.push_back(sample);
    }
    return samples;
}

class AudioTool : public ::testing::Test {
protected:
    AudioTool() { std::filesystem::create_directory(folder_); }
    ~AudioTool() override { std::filesystem::remove_all(folder_); }

    std::string path(const std::string& name) const { return (folder_ / name).string(); }
    std::string contents(const std::string& name) const {
        std::ifstream file(folder_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("costrix_audio_" + std::to_string(::getpid()));
    Service service_{kEcho};
};

TEST_F(AudioTool, PlaysASoundFileIntoACallAndWritesWhatWasHeard) {
    std::vector<std::int16_t> words;
    for (std::int16_t i = 1; i <= 1600; ++i)
        words.push_back(static_cast<std::int16_t>(i * 5));
    std::ofstream(path("words.wav"), std::ios::binary) << wav_of(words);
    const auto run = run_tool(
        {"call",
         service_.url("echo"),
         "--answered",
         "--says",
         path("words.wav") + "@AudioSocket",
         "--heard",
         path("heard.wav"),
         "--hangup-after",
         "3s"}
    );
    if (contains(run.output, "built without libsndfile"))
        GTEST_SKIP() << "costrix was built without libsndfile";
    EXPECT_EQ(run.status, 3) << run.output;
    EXPECT_TRUE(contains(run.output, "connects the caller's audio to 127.0.0.1:")) << run.output;
    EXPECT_EQ(sound_of(contents("heard.wav")), words);
}

TEST_F(AudioTool, SaysWhatIsWrongWithAFile) {
    const auto missing =
        run_tool({"call", service_.url("echo"), "--says", path("missing.wav") + "@1s"});
    EXPECT_EQ(missing.status, 2);
    EXPECT_TRUE(contains(missing.output, "missing.wav")) << missing.output;
    const auto unwritable =
        run_tool({"call", service_.url("echo"), "--heard", path("no/such/folder.wav")});
    EXPECT_EQ(unwritable.status, 2);
    EXPECT_TRUE(contains(unwritable.output, "folder.wav")) << unwritable.output;
}

TEST_F(AudioTool, CountsHowLateTheFramesOfALoadAre) {
    const auto run = run_tool(
        {"load",
         service_.url("echo"),
         "--calls",
         "4",
         "--concurrency",
         "2",
         "--audio",
         "300ms",
         "--json",
         "--quiet"}
    );
    EXPECT_EQ(run.status, 0) << run.output;
    EXPECT_TRUE(contains(run.output, "\"audio_lines\": 4")) << run.output;
    EXPECT_TRUE(contains(run.output, "\"audio_frame_late\"")) << run.output;
}

}  // namespace
}  // namespace costrix
