// SPDX-License-Identifier: MIT
// Classic AGI as recorded with a real Asterisk, played to a script process, signals included.
#include "support/script_process.hpp"

#include <costrix/testing/transcript.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

namespace costrix {
namespace {

using costrix::testing::Transcript;
using costrix::testing::TranscriptKind;
using test::ScriptProcess;
using test::step_script;

bool is(const testing::TranscriptRecord& record, std::string_view event) {
    return record.kind == TranscriptKind::happening && record.text.starts_with(event);
}

/// What the recorded script did, as steps for step_script.
std::vector<std::string> steps_of(const Transcript& transcript) {
    std::vector<std::string> steps{COSTRIX_BIN_DIR "/step_script", "@allow"};
    for (const auto& record : transcript.records()) {
        if (record.kind == TranscriptKind::script)
            steps.push_back(record.text);
        else if (is(record, "the script receives SIGHUP"))
            steps.push_back("@hangup");
        else if (is(record, "script exits with status ") && !record.text.ends_with(" 0"))
            steps.push_back("@exit " + record.text.substr(record.text.rfind(' ') + 1));
    }
    return steps;
}

class ScriptTranscript : public ::testing::TestWithParam<const char*> {
protected:
    void play() {
        for (const auto& record : transcript_.records()) {
            if (record.kind == TranscriptKind::script)
                expect(record.text);
            else if (record.kind == TranscriptKind::asterisk)
                reply(record);
            else
                happen(record);
        }
    }

    Transcript transcript_ = Transcript::read(
        std::filesystem::path(COSTRIX_TRANSCRIPTS) / (std::string(GetParam()) + ".agi")
    );
    ScriptProcess process_{steps_of(transcript_)};
    int sent_ = 0;

private:
    /// The script sends this, unless the library knows better.
    void expect(const std::string& command) {
        if (dead_ && command == "ANSWER") {
            skipped_ = true;  // and the 511 on record answers nothing
            return;
        }
        if (severed_ || command.size() > 8190)
            return;
        EXPECT_EQ(process_.line(), command);
        ++sent_;
    }
    void reply(const testing::TranscriptRecord& record) {
        if (std::exchange(skipped_, false) || severed_)
            return;
        process_.send(record.bytes());
        if (record.text.starts_with("200 result=-1")) {
            EXPECT_EQ(process_.line(), "CHANNEL STATUS");  // what did that -1 mean?
            process_.signal(SIGHUP);
            process_.send("511 Command Not Permitted on a dead channel or intercept routine\n");
        }
    }
    void happen(const testing::TranscriptRecord& record) {
        if (is(record, "the script receives SIGHUP")) {
            process_.signal(SIGHUP);
            EXPECT_TRUE(process_.wait_for("hung up\n")) << process_.errors();
            dead_ = true;
        } else if (is(record, "end of file on the script's stdin")) {
            process_.signal(SIGHUP);  // at the same moment
            process_.close_input();
            process_.close_output();
            severed_ = true;
        } else if (is(record, "script exits with status ")) {
            const auto status = record.text.substr(record.text.rfind(' ') + 1);
            EXPECT_EQ(std::to_string(process_.wait()), status) << process_.errors();
        }
    }

    bool dead_ = false, severed_ = false, skipped_ = false;
};

TEST_P(ScriptTranscript, IsPlayedToItsEnd) {
    play();
    EXPECT_EQ(process_.errors().find("threw"), std::string::npos) << process_.errors();
    EXPECT_GT(sent_, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Recorded,
    ScriptTranscript,
    ::testing::Values(
        "classic-plain",
        "classic-exit-status",
        "classic-sighup",
        "classic-sighup-command",
        "classic-nosighup",
        "classic-exit-on-hangup"
    ),
    [](const auto& parameter) {
        std::string name = parameter.param;
        std::replace(name.begin(), name.end(), '-', '_');
        return name;
    }
);

/// What these show cannot happen to a script of ours.
class ScriptTrap : public ::testing::Test {
protected:
};

TEST_F(ScriptTrap, ClassicPipelinedCommandsGoOneByOne) {
    ScriptProcess process(step_script({"@together NOOP 1,NOOP 2,NOOP 3"}));
    process.send(test::classic_environment());
    for (const char* command : {"NOOP 1", "NOOP 2", "NOOP 3"}) {
        EXPECT_EQ(process.line(), command);
        EXPECT_FALSE(process.has_output());
        process.send("200 result=0\n");
    }
    EXPECT_EQ(process.wait(), 0);
}

TEST_F(ScriptTrap, ClassicLongLinesAreRefused) {
    ScriptProcess process(step_script({"NOOP " + std::string(9000, 'x'), "NOOP"}));
    process.send(test::classic_environment());
    EXPECT_EQ(process.line(), "NOOP");
    process.send("200 result=0\n");
    EXPECT_EQ(process.wait(), 0);
    EXPECT_NE(process.errors().find("8190"), std::string::npos) << process.errors();
}

}  // namespace
}  // namespace costrix
