// SPDX-License-Identifier: MIT
// The version in the header, in the library, in CMake and in the change log is one.
#include <costrix/version.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace costrix {
namespace {

#if COSTRIX_VERSION < 200
#error "the preprocessor reads the version as a number"
#endif

TEST(Version, IsTheSameEverywhere) {
    const auto header = std::to_string(COSTRIX_VERSION / 10000) + "." +
                        std::to_string(COSTRIX_VERSION / 100 % 100) + "." +
                        std::to_string(COSTRIX_VERSION % 100);
    EXPECT_EQ(header, COSTRIX_PROJECT_VERSION);
    EXPECT_EQ(version(), header);
    std::ifstream changes(COSTRIX_TEST_DIR "/../CHANGELOG.md");
    std::string newest;
    while (std::getline(changes, newest) && !newest.starts_with("## ")) {
    }
    EXPECT_TRUE(newest.starts_with("## " + header)) << newest;
}

}  // namespace
}  // namespace costrix
