// SPDX-License-Identifier: MIT
// EAGI: the caller's audio on descriptor 3 of a real process.
#include "support/fences.hpp"
#include "support/script_process.hpp"

#include <costrix/agi/audio_stream.hpp>
#include <costrix/testing/transcript.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

namespace costrix {
namespace {

using test::ScriptProcess;
using test::step_script;

constexpr std::size_t kAll = 1000000;

std::string eagi_environment() {
    return "agi_request: script\nagi_version: 22.10.1\nagi_extension: run\nagi_enhanced: 1.0\n\n";
}

class AudioStreamTest : public ::testing::Test {
protected:
    /// Answers the question for the format.
    static void open(ScriptProcess& process, const std::string& format = "") {
        process.send(eagi_environment());
        EXPECT_EQ(process.line(), "GET VARIABLE \"EAGI_AUDIO_FORMAT\"");
        process.send(format.empty() ? "200 result=0\n" : "200 result=1 (" + format + ")\n");
    }
    /// So many samples that count on from the last one.
    std::vector<short> samples(std::size_t count) {
        std::vector<short> all(count);
        for (auto& one : all)
            one = ++last_;
        return all;
    }

    short last_ = 0;
};

TEST_F(AudioStreamTest, GivesFramesWhileACommandRuns) {
    ScriptProcess process(
        step_script({"@open 1000", "@during 3"}), ScriptProcess::Wire::pipes, true
    );
    open(process);
    EXPECT_EQ(process.line(), "STREAM FILE \"tt-monkeys\" \"\"");
    for (const std::size_t size : {100U, 300U, 1U, 79U})  // 480 samples are three frames
        EXPECT_TRUE(process.send_audio(samples(size)));
    EXPECT_EQ(answer_fences(process), "<eof>");
    EXPECT_EQ(process.wait(), 0) << process.errors();
    EXPECT_EQ(process.errors(), "open\n3 frames, 480 samples, 0 lost, last 480, 0 overruns\n");
}

TEST_F(AudioStreamTest, HasTheFormatThatTheDialplanChose) {
    ScriptProcess process(
        step_script({"@open 1000", "@listen 1"}), ScriptProcess::Wire::pipes, true
    );
    open(process, "slin16");
    EXPECT_TRUE(process.send_audio(samples(320)));
    EXPECT_EQ(process.wait(), 0) << process.errors();
    EXPECT_EQ(process.errors(), "open\n1 frames, 320 samples, 0 lost, last 320, 0 overruns\n");
}

TEST_F(AudioStreamTest, DropsTheOldestFramesAndCountsThem) {
    ScriptProcess process(
        step_script({"@open 60", "NOOP", "@listen 3"}), ScriptProcess::Wire::pipes, true
    );
    open(process);
    EXPECT_EQ(process.line(), "NOOP");
    EXPECT_TRUE(process.send_audio(samples(10 * 160)));
    process.send("200 result=0\n");
    EXPECT_EQ(process.wait(), 0) << process.errors();
    EXPECT_NE(
        process.errors().find("3 frames, 480 samples, 1120 lost, last 1600, 7 overruns\n"),
        std::string::npos
    ) << process.errors();
}

TEST_F(AudioStreamTest, NotesThatThePipeWasFull) {
    ScriptProcess process(
        step_script({"@open 10000", "@stop", "@listen " + std::to_string(kAll)}),
        ScriptProcess::Wire::pipes,
        true
    );
    open(process);
    ASSERT_TRUE(process.wait_for_stop());
    std::size_t sent = 0;
    while (process.send_audio(samples(160)))
        sent += 160;
    EXPECT_EQ(sent, 30720U);  // 3.8 s: what open_audio() says
    process.signal(SIGCONT);
    process.close_audio();
    EXPECT_EQ(process.wait(), 0) << process.errors();
    EXPECT_NE(
        process.errors().find("192 frames, 30720 samples, 0 lost, last 30720, 1 overruns\n"),
        std::string::npos
    ) << process.errors();
}

TEST_F(AudioStreamTest, EndsWithTheHangup) {
    ScriptProcess process(
        step_script({"@open 1000", "@listen 1", "@listen " + std::to_string(kAll), "@noop"}),
        ScriptProcess::Wire::pipes,
        true
    );
    open(process);
    EXPECT_TRUE(process.send_audio(samples(160)));
    ASSERT_TRUE(process.wait_for("1 frames"));
    process.signal(SIGHUP);
    EXPECT_EQ(process.wait(), 0) << process.errors();
    EXPECT_NE(process.errors().find("\n0 frames, "), std::string::npos) << process.errors();
    EXPECT_NE(process.errors().find("NOOP: AGISIGHUPHangup\n"), std::string::npos);
}

TEST_F(AudioStreamTest, GivesTheRestAsAShortFrame) {
    ScriptProcess process(
        step_script({"@open 1000", "@listen " + std::to_string(kAll)}),
        ScriptProcess::Wire::pipes,
        true
    );
    open(process);
    EXPECT_TRUE(process.send_audio(samples(200)));
    process.close_audio();
    EXPECT_EQ(process.wait(), 0) << process.errors();
    EXPECT_EQ(process.errors(), "open\n2 frames, 200 samples, 0 lost, last 200, 0 overruns\n");
}

/// Without EAGI, Asterisk is asked to connect to the script.
TEST_F(AudioStreamTest, ComesByAConnectionWhereThereIsNoPipe) {
    ScriptProcess plain(step_script({"@open 1000"}));
    plain.send("agi_request: script\nagi_uniqueid: 1.1\nagi_enhanced: 0.0\n\n");
    const auto originate = plain.line();
    EXPECT_TRUE(originate.starts_with("EXEC \"Originate\" \"AudioSocket/127.0.0.1:")) << originate;
    plain.send("200 result=0\n");
    EXPECT_EQ(plain.line(), "GET VARIABLE \"ORIGINATE_STATUS\"");
    plain.send("200 result=1 (FAILED)\n");
    EXPECT_EQ(plain.wait(), 0);
    EXPECT_TRUE(plain.errors().ends_with("(ORIGINATE_STATUS is FAILED)\n")) << plain.errors();

    ScriptProcess unnamed(step_script({"@open 1000"}));
    unnamed.send("agi_request: script\nagi_enhanced: 0.0\n\n");
    EXPECT_EQ(unnamed.wait(), 0);
    EXPECT_NE(unnamed.errors().find("(agi_uniqueid)"), std::string::npos) << unnamed.errors();
}

TEST_F(AudioStreamTest, IsOpenedOnceAndOfAKnownFormat) {
    ScriptProcess twice(
        step_script({"@open 1000", "@open 1000"}), ScriptProcess::Wire::pipes, true
    );
    open(twice);
    EXPECT_EQ(twice.wait(), 0);
    EXPECT_TRUE(twice.errors().starts_with("open\nthere is no audio on descriptor 3: "))
        << twice.errors();

    ScriptProcess other(step_script({"@open 1000"}), ScriptProcess::Wire::pipes, true);
    open(other, "ulaw");
    EXPECT_EQ(other.wait(), 0);
    EXPECT_EQ(other.errors(), "EAGI_AUDIO_FORMAT: not signed linear: \"ulaw\"\n");
}

TEST(AudioFormat, KnowsAsterisksNames) {
    EXPECT_EQ(agi::AudioFormat().sample_rate(), 8000U);
    EXPECT_EQ(agi::AudioFormat("slin").frame_samples(), 160U);
    EXPECT_EQ(agi::AudioFormat("slin44").frame_samples(), 882U);
    EXPECT_EQ(agi::AudioFormat("slin192").sample_rate(), 192000U);
    EXPECT_EQ(agi::AudioFormat("SLIN16").sample_rate(), 16000U);
    EXPECT_EQ(agi::AudioFormat("Slin").sample_rate(), 8000U);
    EXPECT_THROW(agi::AudioFormat("gsm"), std::invalid_argument);
}

/// EAGI as recorded with a real Asterisk; the audio is of the recorded amount.
class EagiTranscript : public ::testing::TestWithParam<const char*> {
protected:
    /// The last "bytes" of those that the recorder read from descriptor 3 before this record.
    static std::size_t bytes_in(const std::string& comment) {
        static const std::regex pattern(R"re(fd 3: .*"bytes": (\d+).*)re");
        std::smatch match;
        return std::regex_match(comment, match, pattern) ? std::stoul(match[1]) : 0;
    }
};

TEST_P(EagiTranscript, IsPlayedToItsEnd) {
    using costrix::testing::TranscriptKind;
    const auto transcript = costrix::testing::Transcript::read(
        std::filesystem::path(COSTRIX_TRANSCRIPTS) / (std::string(GetParam()) + ".agi")
    );
    std::vector<std::string> steps{COSTRIX_BIN_DIR "/step_script", "@allow", "@open 10000"};
    for (const auto& record : transcript.records()) {
        if (record.kind == TranscriptKind::script)
            steps.push_back(record.text);
        else if (record.text.starts_with("the script receives SIGHUP"))
            steps.push_back("@hangup");
    }
    steps.push_back("@listen " + std::to_string(kAll));
    ScriptProcess process(steps, ScriptProcess::Wire::pipes, true);
    std::size_t sent = 0;
    bool opened = false, hung_up = false;
    for (const auto& record : transcript.records()) {
        if (record.kind == TranscriptKind::script) {
            EXPECT_EQ(process.line(), record.text);
        } else if (record.kind == TranscriptKind::asterisk) {
            process.send(record.bytes());
            if (record.text.empty() && !std::exchange(opened, true)) {
                EXPECT_EQ(process.line(), "GET VARIABLE \"EAGI_AUDIO_FORMAT\"");
                const bool wide = std::string(GetParam()) == "eagi-slin16";
                process.send(wide ? "200 result=1 (slin16)\n" : "200 result=0\n");
                ASSERT_TRUE(process.wait_for("open\n"));
            }
        } else if (record.text.starts_with("the script receives SIGHUP")) {
            process.signal(SIGHUP);
            EXPECT_TRUE(process.wait_for("hung up\n")) << process.errors();
            hung_up = true;  // and with it the audio
        } else if (const auto bytes = bytes_in(record.text); bytes > sent) {
            for (; sent < bytes && !hung_up; sent += 320) {
                while (!process.send_audio(std::vector<short>(160)))
                    ::usleep(1000);  // the pipe is full: the script is slow
            }
        }
    }
    process.close_audio();
    EXPECT_EQ(process.wait(), 0) << process.errors();
    const bool ended_before = std::string(GetParam()) == "eagi-hangup";
    const auto said =
        " frames, " + std::to_string(ended_before ? 0 : sent / 2) + " samples, 0 lost";
    EXPECT_NE(process.errors().find(said), std::string::npos) << process.errors();
}

INSTANTIATE_TEST_SUITE_P(
    Recorded,
    EagiTranscript,
    ::testing::Values("eagi-audio", "eagi-slin16", "eagi-hangup"),
    [](const auto& parameter) {
        std::string name = parameter.param;
        std::replace(name.begin(), name.end(), '-', '_');
        return name;
    }
);

}  // namespace
}  // namespace costrix
