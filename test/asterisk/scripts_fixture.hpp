// SPDX-License-Identifier: MIT
// Classic programs in the agi-bin of the Asterisk that `up` has started.
#pragma once

#include "asterisk/asterisk_fixture.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace costrix::test {

/// The chroot that `up` was given.
inline const std::filesystem::path& asterisk_root() {
    static const std::filesystem::path root = [] {
        const char* given = std::getenv("COSTRIX_ASTERISK");
        return std::filesystem::path(given ? given : "/var/tmp/costrix-asterisk");
    }();
    return root;
}

/// Calls to programs that Asterisk starts.
class AsteriskScripts : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        const auto command = std::string(COSTRIX_SOURCE_DIR "/test/asterisk/install_scripts ") +
                             COSTRIX_BIN_DIR + " " + asterisk_root().string();
        ASSERT_EQ(std::system(command.c_str()), 0) << command;
    }

    AsteriskScripts() {
        log_ = "/tmp/costrix-script-" + std::to_string(::getpid());
        std::filesystem::remove(log());
    }
    ~AsteriskScripts() override { std::filesystem::remove(log()); }

    /// A call to step_script, whose output goes to the log.
    CallPlan steps(std::vector<std::string> all, Mode mode = Mode::classic) const {
        auto plan = program("step_script", std::move(all), mode);
        plan.args.insert(plan.args.begin(), log_);
        return plan;
    }
    static CallPlan
    program(std::string name, std::vector<std::string> args = {}, Mode mode = Mode::classic) {
        CallPlan plan;
        plan.path = std::move(name);
        plan.args = std::move(args);
        plan.mode = mode;
        return plan;
    }
    /// What step_script has printed.
    std::string said() const {
        std::ostringstream text;
        text << std::ifstream(log()).rdbuf();
        return text.str();
    }
    std::filesystem::path log() const { return asterisk_root().string() + log_; }

    AmiClient asterisk_{port_of("AMI_PORT", 5038)};
    std::string log_;  // as the script sees it
};

}  // namespace costrix::test
