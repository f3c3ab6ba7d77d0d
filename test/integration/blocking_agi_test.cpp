// SPDX-License-Identifier: MIT
// BlockingAGI in a real process: results, deadlines, coroutines, a hangup while it is busy.
#include "support/fences.hpp"
#include "support/script_process.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace costrix {
namespace {

using test::ScriptProcess;

TEST(BlockingAGI, DoesAllThatAgiDoes) {
    ScriptProcess process({COSTRIX_BIN_DIR "/blocking_script"});
    process.send(test::classic_environment());
    EXPECT_EQ(process.line(), "ODD COMMAND");
    process.send("510 Invalid or unknown command\n");
    EXPECT_EQ(process.line(), "STREAM FILE \"tt-monkeys\" \"\"");
    EXPECT_EQ(answer_fences(process), "GET VARIABLE \"A\"");  // 50 ms are over
    process.send("200 result=1 (x)\n");
    EXPECT_EQ(process.line(), "GET VARIABLE \"B\"");
    process.send("200 result=1 (y)\n");
    ASSERT_TRUE(process.wait_for("\nxy\n"));
    process.signal(SIGHUP);
    EXPECT_EQ(process.line(), "SET VARIABLE \"C\" \"d\"");
    process.send("200 result=1\n");
    EXPECT_EQ(process.line(), "<eof>");
    EXPECT_EQ(process.wait(), 0) << process.errors();
    const auto& said = process.errors();
    for (const char* const line :
         {"blocking_script: < agi_channel: PJSIP/100-00000001\n",
          "blocking_script: > ODD COMMAND\n",
          "\n510 Invalid or unknown command\n",
          "\ntimed out\n",
          "\nhung up: 1\n",
          "\ndead\n"})
        EXPECT_NE(said.find(line), std::string::npos) << line << said;
}

TEST(BlockingAGI, GoesOnThrowingWhenTheSessionHasEndedItself) {
    ScriptProcess process({COSTRIX_BIN_DIR "/blocking_script", "late"});
    process.send(test::classic_environment());
    ASSERT_TRUE(process.wait_for("begun\n"));
    process.signal(SIGHUP);
    EXPECT_EQ(process.line(), "NOOP");  // and no reply
    EXPECT_EQ(process.line(), "<eof>");
    EXPECT_EQ(process.wait(), 0) << process.errors();
    EXPECT_NE(process.errors().find("over\nover\nover\n"), std::string::npos) << process.errors();
}

TEST(BlockingAGI, EndsAWaitThatAnExceptionOfAnotherCoroutineCutsShort) {
    ScriptProcess process({COSTRIX_BIN_DIR "/blocking_script", "stray"});
    process.send(test::classic_environment());
    EXPECT_EQ(process.line(), "WAIT FOR DIGIT -1");
    EXPECT_EQ(answer_fences(process, "200 result=1\n"), "NOOP");
    process.send("200 result=0\n");
    EXPECT_EQ(process.wait(), 0);
    EXPECT_EQ(process.errors(), "of another coroutine\nwent on\n");
}

TEST(BlockingAGI, TellsItsObserver) {
    ScriptProcess process({COSTRIX_BIN_DIR "/blocking_script", "observed_blocking"});
    process.send(test::classic_environment());
    EXPECT_EQ(process.line(), "NOOP");
    process.send("200 result=0\n");
    EXPECT_EQ(process.wait(), 0);
    EXPECT_EQ(process.errors(), "call 1.1\nsent NOOP\nend: returned, 1\n");
}

TEST(RunScript, TellsItsObserver) {
    ScriptProcess process({COSTRIX_BIN_DIR "/blocking_script", "observed_script"});
    process.send(test::classic_environment());
    EXPECT_EQ(process.line(), "WAIT FOR DIGIT -1");
    process.signal(SIGHUP);
    ASSERT_TRUE(process.wait_for("hangup\n"));
    process.send("200 result=-1\n");
    EXPECT_EQ(process.wait(), 0);
    EXPECT_EQ(process.errors(), "call 1.1\nsent WAIT FOR DIGIT\nhangup\nend: hung_up, 1\n");
}

TEST(BlockingAGI, StopsACallerThatTriesForEver) {
    ScriptProcess process({COSTRIX_BIN_DIR "/blocking_script", "try_for_ever"});
    process.send(test::classic_environment());
    EXPECT_EQ(process.line(), "WAIT FOR DIGIT -1");
    process.close_input();
    EXPECT_EQ(process.wait(), 2);
    EXPECT_EQ(process.errors(), "stopped\n");
}

TEST(BlockingAGI, StopsACoroutineThatTriesForEver) {
    ScriptProcess process({COSTRIX_BIN_DIR "/blocking_script", "wait_for_ever"});
    process.send(test::classic_environment());
    EXPECT_EQ(process.line(), "WAIT FOR DIGIT -1");
    process.close_input();
    EXPECT_EQ(process.wait(), 2);
    EXPECT_EQ(process.errors(), "stopped\n");
}

}  // namespace
}  // namespace costrix
