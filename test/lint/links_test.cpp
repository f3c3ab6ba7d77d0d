// SPDX-License-Identifier: MIT
// The links of the documents lead to files and headings that exist.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kTopFolder = COSTRIX_SOURCE_DIR;

/// The anchor that GitHub and MkDocs make of a heading.
std::string anchor(const std::string& heading) {
    std::string result;
    for (const char letter : heading) {
        const auto byte = static_cast<unsigned char>(letter);
        if (std::isalnum(byte) != 0 || letter == '_' || letter == '-')
            result += static_cast<char>(std::tolower(byte));
        else if (letter == ' ')
            result += '-';
    }
    return result;
}

struct Page {
    std::set<std::string> anchors;
    std::vector<std::string> links;
};

/// What stands outside of code.
Page read_page(const fs::path& file) {
    static const std::regex link(R"(\]\(([^)\s]+)\))"), code("`[^`]*`");
    Page page;
    std::ifstream input(file);
    EXPECT_TRUE(input) << file;
    bool fenced = false;
    for (std::string line; std::getline(input, line);) {
        if (line.starts_with("```"))
            fenced = !fenced;
        if (fenced || line.starts_with("    "))
            continue;
        if (line.starts_with("#"))
            page.anchors.insert(anchor(line.substr(line.find(' ') + 1)));
        const auto text = std::regex_replace(line, code, "");
        for (std::sregex_iterator one(text.begin(), text.end(), link), end; one != end; ++one)
            page.links.push_back((*one)[1]);
    }
    return page;
}

TEST(Documents, LinkToWhatExists) {
    std::vector<fs::path> pages{kTopFolder / "README.md", kTopFolder / "CHANGELOG.md"};
    for (const std::string folder : {"docs", ".github", "test", "samples"}) {
        for (const auto& entry : fs::recursive_directory_iterator(kTopFolder / folder)) {
            if (entry.path().extension() == ".md")
                pages.push_back(entry.path());
        }
    }
    std::size_t links = 0;
    for (const auto& file : pages) {
        for (const auto& link : read_page(file).links) {
            ++links;
            if (link.starts_with("http"))
                continue;
            const auto hash = std::min(link.find('#'), link.size());
            const auto target = hash == 0 ? file : file.parent_path() / link.substr(0, hash);
            ASSERT_TRUE(fs::exists(target)) << file << " links to " << link;
            if (hash < link.size()) {
                EXPECT_TRUE(read_page(target).anchors.contains(link.substr(hash + 1)))
                    << file << " links to " << link << ", where no such heading is";
            }
        }
    }
    EXPECT_GT(links, 60U);
}

}  // namespace
