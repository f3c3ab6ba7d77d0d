// SPDX-License-Identifier: MIT
// The samples as classic AGI scripts: chosen by name or argument, and line by line.
#include "support/fences.hpp"
#include "support/script_process.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

namespace costrix {
namespace {

using test::classic_environment;
using test::ScriptProcess;

constexpr const char* kIvr = COSTRIX_BIN_DIR "/ivr";

/// The tests' own environment is Asterisk's for the programs they start.
class ScriptSample : public ::testing::Test {
protected:
    ScriptSample() { setenv("AST_AGI_DIR", "/usr/share/asterisk/agi-bin", 1); }
    ~ScriptSample() override { unsetenv("AST_AGI_DIR"); }

    /// Answers each command by what it begins with, `200 result=0` else; all that came.
    static std::string
    answer(ScriptProcess& process, const std::map<std::string, std::string>& replies = {}) {
        std::string all;
        while (true) {
            const auto command = process.line();
            if (command == "<eof>" || command == "<timeout>")
                return all + (command == "<timeout>" ? command : "");
            all += command + "\n";
            std::string reply = "200 result=0";
            for (const auto& [begin, text] : replies) {
                if (command.starts_with(begin))
                    reply = text;
            }
            process.send(reply + "\n");
        }
    }
};

TEST_F(ScriptSample, ChoosesTheHandlerByTheNameOfALink) {
    const auto link = std::filesystem::path(::testing::TempDir()) / "menu";
    std::filesystem::remove(link);
    std::filesystem::create_symlink(kIvr, link);
    ScriptProcess menu({link.string()});
    menu.send(classic_environment());
    const auto said = answer(menu, {{"STREAM FILE \"vm-options\"", "200 result=50 endpos=8000"}});
    EXPECT_EQ(menu.wait(), 0) << menu.errors();
    EXPECT_TRUE(said.starts_with("ANSWER\nSTREAM FILE \"hello-world\" \"12\"\n")) << said;
    EXPECT_NE(said.find("SET VARIABLE \"DEPARTMENT\" \"2\"\n"), std::string::npos) << said;
    std::filesystem::remove(link);
}

TEST_F(ScriptSample, ChoosesTheHandlerByTheFirstArgument) {
    ScriptProcess pin({kIvr, "pin/1234"});
    pin.send(classic_environment({"pin/1234"}));
    const auto said = answer(pin, {{"GET DATA", "200 result=1234"}});
    EXPECT_EQ(pin.wait(), 0) << pin.errors();
    EXPECT_NE(said.find("SET VARIABLE \"PIN_OK\" \"1\"\n"), std::string::npos) << said;
}

TEST_F(ScriptSample, HasADefaultHandlerThatIsToldTheName) {
    ScriptProcess other({kIvr, "pin/x"}, ScriptProcess::Wire::pipes, false, "/agi-bin/elsewhere");
    other.send(classic_environment({"pin/x"}));
    EXPECT_EQ(answer(other), "VERBOSE \"no script elsewhere\" 1\n");
    EXPECT_EQ(other.wait(), 0) << other.errors();
}

TEST_F(ScriptSample, SaysThatNoHandlerIsThereAndWhatItLookedFor) {
    constexpr const char* support = COSTRIX_BIN_DIR "/support_script";
    ScriptProcess without({support});
    without.send(classic_environment());
    EXPECT_EQ(without.wait(), 1);
    EXPECT_EQ(
        without.errors(),
        "support_script: no handler: no pattern matches the program's name \"support_script\", the "
        "call has no argument, and there is no default handler\n"
    );
    ScriptProcess with({support});
    with.send(classic_environment({"a b\x1b", "c"}));
    EXPECT_EQ(with.wait(), 1);
    EXPECT_EQ(
        with.errors(),
        "support_script: no handler: no pattern matches the program's name \"support_script\", nor "
        "the call's first argument \"a b\\x1b\", and there is no default handler\n"
    );
}

TEST_F(ScriptSample, CutsThePromptShortAsOverFastAgi) {
    ScriptProcess process({COSTRIX_BIN_DIR "/please_hold"});
    process.send("agi_request: please_hold\nagi_version: 22.10.1\nagi_callerid: 5551234\n"
                 "agi_extension: run\n\n");
    EXPECT_EQ(process.line(), "ANSWER");
    process.send("200 result=0\n");
    EXPECT_EQ(process.line(), "STREAM FILE \"pls-hold-while-try\" \"0\"");
    EXPECT_EQ(answer_fences(process), "SET VARIABLE \"CUSTOMER\" \"Alice\"");
    process.send("200 result=1\n");
    EXPECT_EQ(process.line(), "STREAM FILE \"goodbye\" \"\"");
    process.send("200 result=0 endpos=100\n");
    EXPECT_EQ(process.wait(), 0) << process.errors();
}

class EagiSample : public ScriptSample {
protected:
    static void open(ScriptProcess& process) {
        process.send(
            "agi_request: x\nagi_version: 22.10.1\nagi_extension: run\n"
            "agi_enhanced: 1.0\nagi_arg_1: " +
            file().string() + "\n\n"
        );
        EXPECT_EQ(process.line(), "ANSWER");
        process.send("200 result=0\n");
        EXPECT_EQ(process.line(), "GET VARIABLE \"EAGI_AUDIO_FORMAT\"");
        process.send("200 result=0\n");
    }
    /// A square wave, 20 ms at a time.
    static void speak(ScriptProcess& process, short amplitude, int frames) {
        std::vector<short> samples(160);
        for (std::size_t n = 0; n < samples.size(); ++n)
            samples[n] = static_cast<short>(n % 8 < 4 ? amplitude : -amplitude);
        for (; frames > 0; --frames)
            EXPECT_TRUE(process.send_audio(samples));
    }
    static std::filesystem::path file() {
        return std::filesystem::path(::testing::TempDir()) / "costrix-caller.wav";
    }
};

TEST_F(EagiSample, CutsThePromptShortWhenTheCallerSpeaks) {
    ScriptProcess process({COSTRIX_BIN_DIR "/voice_barge_in"}, ScriptProcess::Wire::pipes, true);
    open(process);
    EXPECT_EQ(process.line(), "STREAM FILE \"tt-monkeys\" \"\"");
    speak(process, 20, 30);   // noise on the line
    speak(process, 8000, 1);  // a click
    speak(process, 20, 1);
    EXPECT_FALSE(process.has_output());
    speak(process, 16384, 5);  // 6 dB below the maximum
    EXPECT_EQ(answer_fences(process), "SET VARIABLE \"CALLER_SPOKE\" \"1\"");
    process.send("200 result=1\n");
    EXPECT_EQ(process.line(), "SET VARIABLE \"LEVEL\" \"-6\"");
    process.send("200 result=1\n");
    EXPECT_EQ(process.wait(), 0) << process.errors();
}

TEST_F(EagiSample, WritesAWavFile) {
    ScriptProcess process({COSTRIX_BIN_DIR "/record_wav"}, ScriptProcess::Wire::pipes, true);
    open(process);
    EXPECT_EQ(process.line(), "WAIT FOR DIGIT -1");
    speak(process, 100, 50);
    process.close_audio();
    EXPECT_EQ(
        answer_fences(process, "200 result=1\n"), "SET VARIABLE \"SAMPLES\" \"8000\""
    );  // the audio has ended
    process.send("200 result=1\n");
    EXPECT_EQ(process.line(), "SET VARIABLE \"OVERRUNS\" \"0\"");
    process.send("200 result=1\n");
    EXPECT_EQ(process.wait(), 0) << process.errors();
    std::ifstream wav(file(), std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(wav), {});
    std::filesystem::remove(file());
    ASSERT_EQ(bytes.size(), 44U + 16000U);
    EXPECT_EQ(bytes.substr(0, 4) + bytes.substr(8, 8) + bytes.substr(36, 4), "RIFFWAVEfmt data");
    EXPECT_EQ(bytes.substr(40, 4), std::string("\x80\x3e\0\0", 4));  // 16000
    EXPECT_EQ(bytes.substr(24, 4), std::string("\x40\x1f\0\0", 4));  // 8000 Hz
    EXPECT_EQ(bytes.substr(44, 4), std::string("\x64\0\x64\0", 4));
}

class LineByLine : public ScriptSample {
protected:
    ScriptProcess process_{{COSTRIX_BIN_DIR "/line_by_line", "1234"}};
};

TEST_F(LineByLine, ReturnsResults) {
    process_.send(classic_environment({"1234"}));
    const auto said = answer(process_, {{"GET DATA", "200 result=1234"}});
    EXPECT_EQ(process_.wait(), 0) << process_.errors();
    EXPECT_EQ(
        said,
        "ANSWER\nGET DATA \"agent-pass\" 5000 4\nSET VARIABLE \"PIN_OK\" \"1\"\n"
        "STREAM FILE \"auth-thankyou\" \"\"\n"
    );
    EXPECT_EQ(process_.errors(), "a call from PJSIP/100-00000001\n");
}

TEST_F(LineByLine, EndsWithAHangup) {
    process_.send(classic_environment({"1234"}));
    EXPECT_EQ(process_.line(), "ANSWER");
    process_.signal(SIGHUP);
    process_.send("200 result=0\n");
    EXPECT_EQ(process_.line(), "<eof>");
    EXPECT_EQ(process_.wait(), 0) << process_.errors();
}

TEST_F(LineByLine, EndsWithTheConnection) {
    process_.send(classic_environment({"1234"}));
    EXPECT_EQ(process_.line(), "ANSWER");
    process_.close_input();
    EXPECT_EQ(process_.wait(), 0) << process_.errors();
}

TEST_F(LineByLine, FailsForItsOwnReasons) {
    process_.send(classic_environment({"1234"}));
    EXPECT_EQ(process_.line(), "ANSWER");
    process_.send("510 Invalid or unknown command\n");
    EXPECT_EQ(process_.wait(), 1);
    EXPECT_NE(process_.errors().find("line_by_line: unknown command: "), std::string::npos);
}

TEST_F(LineByLine, FailsWithoutAsterisk) {
    process_.close_input();
    EXPECT_EQ(process_.wait(), 1);
    EXPECT_EQ(
        process_.errors(), "line_by_line: no AGI on standard input: the environment never came\n"
    );
}

}  // namespace
}  // namespace costrix
