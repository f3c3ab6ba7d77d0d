// SPDX-License-Identifier: MIT
// What GoogleTest prints of a Mismatch with <costrix/testing/gtest.hpp>.
#include "support/child_process.hpp"

#include <gtest/gtest.h>

#include <string>

namespace costrix {
namespace {

TEST(GTestAdapter, FailsAtTheLineOfTheStep) {
    test::ChildProcess tests({COSTRIX_BIN_DIR "/conversation_program"});
    EXPECT_EQ(tests.wait(), 1);
    const auto& output = tests.output();
    const auto says = [&output](const char* text) {
        return output.find(text) != std::string::npos;
    };
    EXPECT_TRUE(says("conversation_program.cpp:22: Failure")) << output;
    EXPECT_TRUE(says("step 1 of 1 of the conversation")) << output;
    EXPECT_TRUE(says("conversation_program.cpp:29: Failure")) << output;
    EXPECT_TRUE(says("conversation_program.cpp:29: the conversation has no steps")) << output;
    EXPECT_FALSE(says("unknown file")) << output;
    EXPECT_FALSE(says("goes on")) << output;
    EXPECT_TRUE(says("[  PASSED  ] 1 test")) << output;
    EXPECT_TRUE(says("2 FAILED TESTS")) << output;
}

}  // namespace
}  // namespace costrix
