// SPDX-License-Identifier: MIT
// The pages show code that is compiled: each block is found in a source of this folder or in a
// sample.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kTop = COSTRIX_SOURCE_DIR;

/// A line without its indentation; a blank one is nothing.
std::string stripped(const std::string& line) {
    const auto begin = line.find_first_not_of(' ');
    if (begin == std::string::npos)
        return {};
    return line.substr(begin, line.find_last_not_of(' ') + 1 - begin) + "\n";
}

std::string compiled() {
    std::vector<fs::path> sources;
    for (const auto* folder : {"samples", "samples/tutorial", "test/docs", "test/otel"}) {
        for (const auto& entry : fs::directory_iterator(kTop / folder)) {
            if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp")
                sources.push_back(entry.path());
        }
    }
    std::string text;
    for (const auto& source : sources) {
        std::ifstream input(source);
        for (std::string line; std::getline(input, line);)
            text += stripped(line);
    }
    return text;
}

/// The pages whose code is all compiled; compilers.md shows what must not be written.
std::set<fs::path> pages() {
    std::set<fs::path> pages{kTop / "README.md"};
    for (const std::string page :
         {"applications",
          "audio",
          "embedding",
          "flows",
          "guide",
          "operations",
          "scripts",
          "testing",
          "tutorial",
          "variables"})
        pages.insert(kTop / "docs" / (page + ".md"));
    for (const auto& entry : fs::directory_iterator(kTop / "docs")) {
        if (entry.path().filename().string().starts_with("from-"))
            pages.insert(entry.path());
    }
    return pages;
}

TEST(Documents, ShowCodeThatIsCompiled) {
    const auto sources = compiled();
    int blocks = 0;
    for (const auto& page : pages()) {
        std::ifstream input(page);
        ASSERT_TRUE(input) << page;
        std::string block;
        bool inside = false;
        for (std::string line; std::getline(input, line);) {
            if (!line.starts_with("```")) {
                block += inside ? stripped(line) : "";
                continue;
            }
            if (inside) {
                EXPECT_NE(sources.find(block), std::string::npos)
                    << page << " shows code that is compiled nowhere:\n"
                    << block;
                ++blocks;
            }
            inside = line == "```cpp";
            block.clear();
        }
    }
    EXPECT_GE(blocks, 30);
}

}  // namespace
