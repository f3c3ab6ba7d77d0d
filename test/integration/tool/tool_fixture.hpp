// SPDX-License-Identifier: MIT
// The program costrix and the services that its tests call.
#pragma once

#include "support/child_process.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace costrix::test {

inline const std::string kTool = COSTRIX_BIN_DIR "/costrix";

[[nodiscard]] inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// What a run of the program came to.
struct ToolRun {
    int status;
    std::string output;
};

/// Runs the program with these arguments to its end.
inline ToolRun run_tool(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), kTool);
    ChildProcess process(std::move(arguments));
    const int status = process.wait();
    return {status, process.output()};
}

/// A service that prints `listening on port N` and serves until SIGTERM.
class Service {
public:
    explicit Service(std::vector<std::string> command) : process_(std::move(command)) {
        const std::string says = "listening on port ";
        EXPECT_TRUE(process_.wait_for(says)) << process_.output();
        const auto at = process_.output().find(says);
        if (at != std::string::npos)
            port_ = std::to_string(std::atoi(process_.output().c_str() + at + says.size()));
    }
    ~Service() {
        process_.signal(SIGTERM);
        process_.wait();
    }
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    [[nodiscard]] std::string url(const std::string& path) const {
        return "agi://127.0.0.1:" + port_ + "/" + path;
    }

private:
    ChildProcess process_;
    std::string port_;
};

}  // namespace costrix::test
