// SPDX-License-Identifier: MIT
// The scripts that people run say what is wrong with their command line, and how far they are.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

namespace {

struct Run {
    std::string output;
    int status;
};

/// Runs a command in the checkout; its output has both streams, and neither is a terminal.
Run run(const std::string& command) {
    const auto whole = "exec 2>&1; cd " COSTRIX_SOURCE_DIR " || exit 9; " + command;
    FILE* const output = popen(("bash -c '" + whole + "'").c_str(), "r");
    if (output == nullptr)
        return {"popen failed", -1};
    std::string text;
    std::array<char, 256> line;
    while (std::fgets(line.data(), line.size(), output) != nullptr)
        text += line.data();
    return {text, pclose(output)};
}

TEST(Scripts, SayThatAnOptionLacksItsValue) {
    const auto [text, status] = run("test/run --preset");
    EXPECT_EQ(status, 2 << 8) << text;
    EXPECT_TRUE(text.starts_with("test/run: --preset needs a name\nusage: ")) << text;
}

TEST(Scripts, SayThatThePhoneNeedsATerminal) {
    const auto [text, status] = run("samples/run --phone");
    EXPECT_EQ(status, 2 << 8) << text;
    EXPECT_EQ(text, "samples/run: --phone needs a terminal\n");
}

TEST(Progress, NamesPercentageTimeAndStepOfABuild) {
    const auto [text, status] =
        run("export COSTRIX_PROGRESS_PAUSE=0.2; . .ci/progress.sh; log=$(mktemp);"
            "build() { echo \"[1/4] Building CXX object lib/CMakeFiles/costrix_agi.dir/a.o\";"
            " sleep 1; return 3; }; with_progress demo $log build; code=$?; rm $log; exit $code");
    EXPECT_EQ(status, 3 << 8) << text;
    EXPECT_NE(text.find("demo: 25 %, 0:0"), std::string::npos) << text;
    EXPECT_NE(text.find(", compiling costrix_agi (1 of 4)\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("done"), std::string::npos) << text;
}

TEST(Progress, NamesWhatAptDownloadsAndUnpacks) {
    const auto [text, status] = run(
        "export COSTRIX_PROGRESS_PAUSE=0.2; . .ci/progress.sh; log=$(mktemp);"
        "install() { echo dlstatus:1:40.5:x; sleep 0.6; echo pmstatus:cmake:70.1:x; sleep 0.6; };"
        "with_progress packages $log install; rm $log"
    );
    EXPECT_EQ(status, 0) << text;
    EXPECT_NE(text.find("packages: 40 %, 0:0"), std::string::npos) << text;
    EXPECT_NE(text.find(", downloading\n"), std::string::npos) << text;
    EXPECT_NE(text.find(", unpacking cmake\n"), std::string::npos) << text;
    EXPECT_NE(text.find("packages: done in 0:0"), std::string::npos) << text;
}

TEST(Progress, NamesTheTestsThatRunInSilence) {
    const auto [text, status] = run(
        "set -o pipefail; export COSTRIX_PROGRESS_PAUSE=0.2; . .ci/progress.sh;"
        "tests() { echo \"      Start  1: soak\"; echo \"      Start  2: unit\";"
        " echo \" 1/4 Test  #2: unit .... Passed\"; sleep 0.6; return 8; }; tests | follow_tests"
    );
    EXPECT_EQ(status, 8 << 8) << text;
    EXPECT_NE(text.find(" 1/4 Test  #2: unit .... Passed\n"), std::string::npos) << text;
    EXPECT_NE(text.find("tests: 25 % (1 of 4), 0:0"), std::string::npos) << text;
    EXPECT_NE(text.find(", running soak\n"), std::string::npos) << text;
}

/// Runs .ci/tests with a ctest in which these numbers of tests fail, in this run and the next.
Run run_tests(int failing, int failing_again) {
    const auto list = [](int number) {
        return number == 0 ? std::string("exit 0") : "seq -f %g:Slow " + std::to_string(number);
    };
    return run(
        "preset=rerun-$$; log=build/$preset/Testing/Temporary/LastTestsFailed.log;"
        "bin=$(mktemp -d); mkdir -p ${log%/*}; trap \"rm -rf $bin build/$preset\" EXIT;"
        "printf \"%s\\n\" \"#!/bin/sh\" \"echo ctest \\$*\""
        " \"case \\$* in *--rerun-failed*) " +
        list(failing_again) + " >$log ;; *) " + list(failing) +
        " >$log ;; esac\" \"exit 8\" >$bin/ctest; chmod +x $bin/ctest;"
        "PATH=$bin:$PATH .ci/tests $preset -L unit"
    );
}

TEST(Tests, AreRunAgainAloneIfFewFail) {
    const auto [text, status] = run_tests(2, 0);
    EXPECT_EQ(status, 0) << text;
    EXPECT_NE(text.find("FAILED: Slow Slow. Running again"), std::string::npos) << text;
    EXPECT_NE(text.find("--rerun-failed --output-on-failure\n"), std::string::npos) << text;
    EXPECT_NE(text.find("FAILED AT FIRST, PASSED ALONE: Slow Slow\n"), std::string::npos);
}

TEST(Tests, FailIfTheyFailAgainOrIfManyFail) {
    const auto [again, failed] = run_tests(1, 1);
    EXPECT_EQ(failed, 8 << 8) << again;
    EXPECT_EQ(again.find("PASSED"), std::string::npos) << again;
    const auto [many, all_failed] = run_tests(4, 0);
    EXPECT_EQ(all_failed, 8 << 8) << many;
    EXPECT_EQ(many.find("--rerun-failed"), std::string::npos) << many;
}

TEST(Tests, RunOnceIfNoneFails) {
    const auto [text, status] = run_tests(0, 0);
    EXPECT_EQ(status, 0) << text;
    EXPECT_EQ(text.find("--rerun-failed"), std::string::npos) << text;
}

}  // namespace
