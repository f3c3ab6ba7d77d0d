// SPDX-License-Identifier: MIT
// The scripts that people run say what is wrong with their command line.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

namespace {

TEST(Scripts, SayThatAnOptionLacksItsValue) {
    const std::string command = "bash " COSTRIX_SOURCE_DIR "/test/run --preset 2>&1";
    FILE* const output = popen(command.c_str(), "r");
    ASSERT_TRUE(output);
    std::string text;
    std::array<char, 256> line;
    while (std::fgets(line.data(), line.size(), output) != nullptr)
        text += line.data();
    EXPECT_EQ(pclose(output), 2 << 8) << text;
    EXPECT_TRUE(text.starts_with("test/run: --preset needs a name\nusage: ")) << text;
}

}  // namespace
