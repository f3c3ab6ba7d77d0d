// SPDX-License-Identifier: MIT
// Classic AGI and EAGI: programs that a real Asterisk starts, and what AGISTATUS says.
#include "asterisk/scripts_fixture.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

namespace costrix {
namespace {

using test::asterisk_root;
using test::AsteriskScripts;
using test::CallPlan;
using test::Mode;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

TEST_F(AsteriskScripts, SpeakOnTheirStandardStreams) {
    const auto outcome =
        asterisk_.place(steps({"@print", "@answer", "GET VARIABLE CHANNEL(language)"}));
    EXPECT_EQ(outcome.agistatus, "SUCCESS");
    EXPECT_TRUE(said().starts_with("cout\nprintf\nchild\n/dev/null\n")) << said();
    EXPECT_TRUE(said().ends_with("ANSWER: done\nreply: 200 result=1 (en)\n")) << said();
}

TEST_F(AsteriskScripts, GetTheirArgumentsAndTheEnvironment) {
    const auto outcome = asterisk_.place(steps({"@environment", "two words"}));
    EXPECT_NE(said().find("agi_arg_3=two words\n"), std::string::npos) << said();
    EXPECT_NE(said().find("agi_enhanced=0.0\n"), std::string::npos);
    EXPECT_NE(said().find("agi_request=step_script\n"), std::string::npos);
    EXPECT_EQ(outcome.agistatus, "SUCCESS");
}

TEST_F(AsteriskScripts, ExitStatusBecomesAgistatus) {
    EXPECT_EQ(asterisk_.place(steps({"@noop"})).agistatus, "SUCCESS");
    EXPECT_EQ(asterisk_.place(steps({"@noop", "@throw"})).agistatus, "FAILURE");
    EXPECT_EQ(asterisk_.place(steps({"@noop", "@exit 3"})).agistatus, "FAILURE");
    EXPECT_EQ(asterisk_.place(program("no-such-script")).agistatus, "NOTFOUND");
}

TEST_F(AsteriskScripts, AnIdleScriptIsToldOfTheHangupBySighup) {
    auto call = steps({"@answer", "@idle", "@noop"});
    call.hangup_after = 1500ms;
    EXPECT_EQ(asterisk_.place(call).agistatus, "HANGUP");
    EXPECT_EQ(said(), "ANSWER: done\nidle\nidle: AGISIGHUPHangup\nNOOP: AGISIGHUPHangup\n");
}

TEST_F(AsteriskScripts, AHangupInMidCommandIsASighupToo) {
    auto call = steps({"@answer", "@play!", "@noop"});
    call.hangup_after = 1500ms;
    EXPECT_EQ(asterisk_.place(call).agistatus, "HANGUP");
    EXPECT_EQ(said(), "ANSWER: done\nSTREAM FILE: AGISIGHUPHangup\n");
}

TEST_F(AsteriskScripts, WithoutSighupARefusalTellsOfTheHangup) {
    auto call = steps({"@answer", "@play", "@noop"});
    call.hangup_after = 1500ms;
    call.variables = {{"AGISIGHUP", "no"}};
    EXPECT_EQ(asterisk_.place(call).agistatus, "HANGUP");
    EXPECT_EQ(said(), "ANSWER: done\nSTREAM FILE: AGIResultHangup\nNOOP: AGIResultHangup\n");
}

TEST_F(AsteriskScripts, CleanUpOnADeadChannel) {
    auto call = steps({"@allow", "@answer", "@hangup", "SET VARIABLE BILL 12.50", "@answer"});
    call.hangup_after = 1500ms;
    call.report = "${BILL}";
    const auto outcome = asterisk_.place(call);
    EXPECT_EQ(outcome.agistatus, "HANGUP");
    EXPECT_EQ(outcome.report, "12.50");
    EXPECT_EQ(said(), "ANSWER: done\nhung up\nreply: 200 result=1\nANSWER: AGIDeadChannelError\n");
}

TEST_F(AsteriskScripts, AsteriskClosesAtTheHangupIfItIsToldTo) {
    auto call = steps({"@allow", "@answer", "@hangup", "@pause", "@noop", "@noop"});
    call.hangup_after = 1500ms;
    call.variables = {{"AGIEXITONHANGUP", "yes"}};
    EXPECT_EQ(asterisk_.place(call).agistatus, "HANGUP");
    // Here Asterisk does not wait for the script's end.
    const std::string expected =
        "ANSWER: done\nhung up\nNOOP: AGISIGHUPHangup\nNOOP: AGISIGHUPHangup\n";
    for (int n = 0; n < 500 && said() != expected; ++n)
        std::this_thread::sleep_for(10ms);
    EXPECT_EQ(said(), expected);
}

TEST_F(AsteriskScripts, TwentyRunAtOnce) {
    const auto outcomes =
        asterisk_.place(steps({"@answer", "GET VARIABLE CONTEXT", "@wait-key"}), 20, 20, 60s);
    for (const auto& outcome : outcomes)
        EXPECT_EQ(outcome.agistatus, "SUCCESS");
    const auto all = said();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = all.find("(costrix-agi)\n", at)) != std::string::npos; ++at)
        ++count;
    EXPECT_EQ(count, 20U) << all;
}

// --- EAGI ----------------------------------------------------------------------------------------

class AsteriskEagi : public AsteriskScripts {
protected:
    CallPlan with_tone(CallPlan plan) const {
        plan.answered = true;
        plan.audio = "tone";
        return plan;
    }
    /// The frames of the first line that tells of some.
    int frames() const {
        const auto text = said();
        const auto at = text.find(" frames, ");
        if (at == std::string::npos)
            return -1;
        const auto begin = text.rfind('\n', at);
        return std::atoi(text.c_str() + (begin == std::string::npos ? 0 : begin + 1));
    }
};

TEST_F(AsteriskEagi, GivesAudioWhileAPromptPlays) {
    const auto outcome =
        asterisk_.place(with_tone(steps({"@open 1000", "@during 50"}, Mode::eagi)));
    EXPECT_EQ(outcome.agistatus, "SUCCESS");
    EXPECT_NE(said().find("open\n50 frames, 8000 samples, 0 lost, "), std::string::npos) << said();
    EXPECT_LT(outcome.took, 4s);  // the prompt, cut short after a second
}

TEST_F(AsteriskEagi, HasTheFormatThatTheDialplanChose) {
    auto call = with_tone(steps({"@open 1000", "@listen 50"}, Mode::eagi));
    call.variables = {{"EAGI_AUDIO_FORMAT", "slin16"}};
    EXPECT_EQ(asterisk_.place(call).agistatus, "SUCCESS");
    EXPECT_NE(said().find("50 frames, 16000 samples, 0 lost, "), std::string::npos) << said();
}

TEST_F(AsteriskEagi, EndsWithTheHangup) {
    auto call = with_tone(steps({"@open 1000", "@listen 100000", "@noop"}, Mode::eagi));
    call.hangup_after = 2000ms;
    EXPECT_EQ(asterisk_.place(call).agistatus, "HANGUP");
    EXPECT_GT(frames(), 10) << said();
    EXPECT_NE(said().find("NOOP: AGISIGHUPHangup\n"), std::string::npos) << said();
}

TEST_F(AsteriskEagi, TheSampleHearsTheCaller) {
    auto call = with_tone(program("voice_barge_in", {}, Mode::eagi));
    call.report = "${CALLER_SPOKE} ${LEVEL}";
    const auto outcome = asterisk_.place(call);
    EXPECT_EQ(outcome.agistatus, "SUCCESS");
    EXPECT_TRUE(outcome.report.starts_with("1 -")) << outcome.report;
}

TEST_F(AsteriskEagi, TheSampleWritesAWavFile) {
    const auto file = asterisk_root().string() + "/tmp/costrix.wav";
    fs::remove(file);
    auto call = with_tone(program("record_wav", {"/tmp/costrix.wav"}, Mode::eagi));
    call.digits = "#";
    call.after = 2000ms;
    call.report = "${SAMPLES} ${OVERRUNS}";
    const auto outcome = asterisk_.place(call);
    EXPECT_EQ(outcome.agistatus, "SUCCESS");
    const auto samples = std::strtoull(outcome.report.c_str(), nullptr, 10);
    EXPECT_GT(samples, 8000U) << outcome.report;
    EXPECT_TRUE(outcome.report.ends_with(" 0")) << outcome.report;
    EXPECT_EQ(fs::file_size(file), 44 + 2 * samples);
    fs::remove(file);
}

}  // namespace
}  // namespace costrix
