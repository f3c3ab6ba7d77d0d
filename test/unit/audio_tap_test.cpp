// SPDX-License-Identifier: MIT
// What each command means for audio that goes on while commands run.
#include "audio/command_effect.hpp"

#include <costrix/agi/actions/dialplan.hpp>
#include <costrix/agi/protocol/command_table.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace costrix::agi::detail {
namespace {

using Effect = CommandEffect;

std::string line_of(const Exec& exec) {
    CommandLine line(8192, {});
    line.name(Exec::command);
    exec.encode(line);
    return std::string(line.finish().text());
}

TEST(CommandEffects, KnowPrompts) {
    const std::set<std::string_view> prompts{
        "CONTROL STREAM FILE",
        "GET DATA",
        "GET OPTION",
        "RECORD FILE",
        "SAY ALPHA",
        "SAY DATE",
        "SAY DATETIME",
        "SAY DIGITS",
        "SAY NUMBER",
        "SAY PHONETIC",
        "SAY TIME",
        "SPEECH RECOGNIZE",
        "STREAM FILE"};
    for (const auto& command : kCommandTable) {
        const auto line = std::string(command.name) + " \"x\"\n";
        if (command.name == "EXEC" || command.name == "GOSUB")
            EXPECT_EQ(effect_of(line), Effect::other) << line;
        else if (prompts.contains(command.name))
            EXPECT_EQ(effect_of(line), Effect::prompt) << line;
        else
            EXPECT_EQ(effect_of(line), Effect::none) << line;
    }
    EXPECT_EQ(effect_of("stream file menu \"\"\n"), Effect::prompt) << "as send() may send it";
    EXPECT_EQ(effect_of("SET MUSIC \"on\" \"default\"\n"), Effect::none) << "goes on";
    EXPECT_EQ(effect_of("SET MUSIC \"off\"\n"), Effect::prompt);
    EXPECT_EQ(effect_of(""), Effect::none);
}

TEST(CommandEffects, KnowApplications) {
    EXPECT_EQ(effect_of(line_of(Exec("Dial", "PJSIP/desk", 30))), Effect::connects);
    EXPECT_EQ(effect_of("exec   DIAL PJSIP/desk\n"), Effect::connects);
    EXPECT_EQ(effect_of("EXEC Queue\n"), Effect::connects);
    EXPECT_EQ(effect_of("EXEC \"Transfer\" \"PJSIP/desk\"\n"), Effect::connects);
    EXPECT_EQ(effect_of("EXEC Dialplan\n"), Effect::other) << "another name";
    EXPECT_EQ(effect_of(line_of(Exec("Playback", "beep"))), Effect::other);
    EXPECT_EQ(effect_of(line_of(Exec("Wait", 1))), Effect::none);
    EXPECT_EQ(effect_of("EXEC StopPlayTones"), Effect::none);
    EXPECT_EQ(effect_of("EXEC \n"), Effect::other);
    EXPECT_EQ(effect_of("EXEC \"\n"), Effect::other);
}

}  // namespace
}  // namespace costrix::agi::detail
