// SPDX-License-Identifier: MIT
// What docs/promises.md says: each promise stands in its page, and what holds it exists.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kCheckout = COSTRIX_SOURCE_DIR;

std::string contents(const fs::path& file) {
    std::ifstream input(file);
    EXPECT_TRUE(input) << file;
    std::ostringstream text;
    text << input.rdbuf();
    return text.str();
}

/// On one line, without the marks of bold text; what a table escapes is itself again.
std::string flattened(const std::string& text) {
    static const std::regex marks(R"(\*\*|\\(?=\|))"), blanks(R"(\s+)");
    return std::regex_replace(std::regex_replace(text, marks, ""), blanks, " ");
}

/// All that GoogleTest runs, as Suite.Case.
std::set<std::string> tests() {
    static const std::regex pattern(R"(\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\))");
    std::set<std::string> names;
    for (const auto* folder : {"test", "samples/tutorial"}) {
        for (const auto& entry : fs::recursive_directory_iterator(kCheckout / folder)) {
            if (entry.path().extension() != ".cpp")
                continue;
            const auto text = contents(entry.path());
            for (std::sregex_iterator one(text.begin(), text.end(), pattern), end; one != end;
                 ++one)
                names.insert((*one)[1].str() + "." + (*one)[2].str());
        }
    }
    return names;
}

struct Row {
    std::string page, promise, held_by;
};

std::vector<Row> table() {
    static const std::regex heading(R"(## \[.*\]\(([^)]+)\))");
    static const std::regex row(R"(\| (.+) \| (.+) \|)");
    std::vector<Row> rows;
    std::string page;
    std::istringstream text(contents(kCheckout / "docs/promises.md"));
    std::smatch match;
    for (std::string line; std::getline(text, line);) {
        if (std::regex_match(line, match, heading))
            page = contents(kCheckout / "docs" / match[1].str());
        else if (std::regex_match(line, match, row) && match[1] != "promise" && match[1] != "---")
            rows.push_back({page, match[1], match[2]});
    }
    return rows;
}

TEST(Promises, StandInTheirPages) {
    for (const auto& [page, promise, held_by] : table()) {
        const auto text = flattened(page), words = flattened(promise);
        const std::string gap = " … ";
        std::size_t at = 0;
        for (std::size_t from = 0; from != std::string::npos && at != std::string::npos;) {
            const auto to = words.find(gap, from);
            at = text.find(words.substr(from, to == std::string::npos ? to : to - from), at);
            from = to == std::string::npos ? to : to + gap.size();
        }
        EXPECT_NE(at, std::string::npos) << "the page does not say: " << promise;
    }
}

TEST(Promises, AreHeldByTestsThatExist) {
    static const std::regex name("`([^`]+)`");
    const auto known = tests();
    const auto rows = table();
    EXPECT_GT(rows.size(), 100U);
    for (const auto& [page, promise, held_by] : rows) {
        std::sregex_iterator one(held_by.begin(), held_by.end(), name), end;
        EXPECT_NE(one, end) << "nothing holds: " << promise;
        for (; one != end; ++one) {
            const auto held = (*one)[1].str();
            EXPECT_TRUE(known.contains(held) || fs::is_regular_file(kCheckout / held))
                << promise << ": there is no " << held;
        }
    }
}

TEST(Readme, NamesTheLibrariesThatABuildInstalls) {
    static const std::regex name(R"([a-z0-9-]+-dev\b)");
    const auto named = [](const std::string& text) {
        std::set<std::string> names;
        for (std::sregex_iterator one(text.begin(), text.end(), name), end; one != end; ++one)
            names.insert(one->str());
        return names;
    };
    auto installed = named(contents(kCheckout / ".ci/packages"));
    EXPECT_EQ(installed.erase("libgtest-dev"), 1U);  // for the tests only
    EXPECT_EQ(named(contents(kCheckout / "README.md")), installed);
}

}  // namespace
