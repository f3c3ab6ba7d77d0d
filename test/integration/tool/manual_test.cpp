// SPDX-License-Identifier: MIT
// Man page and completion know all subcommands and options that there are.
#include "integration/tool/tool_fixture.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace costrix {
namespace {

using test::run_tool;

const std::string kTop = COSTRIX_TEST_DIR "/../";
const std::vector<std::string> kSubcommands{"call", "load", "check", "show", "replay", "lint"};

std::set<std::string> options(const std::string& subcommand) {
    static const std::regex option("--[a-z][a-z-]*");
    const auto help = run_tool({subcommand, "--help"}).output;
    // The examples at the end may be of other programs.
    const auto text = help.substr(0, std::min(help.find("Exit status"), help.find("Example:")));
    return {
        std::sregex_token_iterator(text.begin(), text.end(), option), std::sregex_token_iterator()};
}

TEST(ManPage, HasEveryOption) {
    std::ostringstream read;
    read << std::ifstream(kTop + "docs/man/costrix.1").rdbuf();
    const auto page = std::regex_replace(read.str(), std::regex(R"(\\-)"), "-");
    for (const auto& subcommand : kSubcommands) {
        const auto found = options(subcommand);
        EXPECT_GE(found.size(), 2U) << subcommand;
        for (const auto& option : found) {
            const std::regex whole(option + "(?![a-z-])");
            EXPECT_TRUE(std::regex_search(page, whole)) << subcommand << " " << option;
        }
    }
}

/// What completes a command line whose last word is being typed.
std::string completed(const std::string& words, int last) {
    test::ChildProcess bash(
        {"/bin/bash",
         "-c",
         "source " + kTop + "lib/tool/completion/costrix.bash; COMP_WORDS=(" + test::kTool + " " +
             words + "); COMP_CWORD=" + std::to_string(last) +
             "; _costrix; echo \"${COMPREPLY[*]}\""}
    );
    EXPECT_EQ(bash.wait(), 0) << bash.output();
    return bash.output();
}

TEST(Completion, KnowsSubcommandsAndOptions) {
    EXPECT_EQ(completed("''", 1), "--help --version call check lint load replay show\n");
    EXPECT_EQ(completed("re", 1), "replay\n");
    EXPECT_EQ(completed("call --an", 2), "--answer --answered\n");
    EXPECT_EQ(completed("replay --i", 2), "--ignore\n");
    EXPECT_EQ(completed("load --html " + kTop + "READ", 3), kTop + "README.md\n");
}

TEST(Help, ComesWithEverySubcommand) {
    const auto all = run_tool({"--help"});
    EXPECT_EQ(all.status, 0);
    for (const auto& subcommand : kSubcommands) {
        EXPECT_NE(all.output.find("  " + subcommand + " "), std::string::npos) << all.output;
        EXPECT_EQ(run_tool({subcommand, "--help"}).status, 0);
    }
    EXPECT_TRUE(run_tool({"--version"}).output.starts_with("costrix "));
}

}  // namespace
}  // namespace costrix
